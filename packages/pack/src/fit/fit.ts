import type { Identity, Manifest } from "../format/manifest.ts";

/**
 * How a pack fits what runs: `incompatible` packs are refused; `uncalibrated` ones run, every verdict says so, and
 * halting needs the owner's consent.
 */
export interface Fit {
  level: "calibrated" | "uncalibrated" | "incompatible";
  /** What differs, in words; empty when calibrated. */
  reasons: string[];
  /** Index of the pack's identity that is nearest. */
  identity: number;
}

/** Compares what runs with everything the pack was calibrated on; the nearest of them counts. */
export function fitOf(manifest: Manifest, running: Identity): Fit {
  let best: Fit | undefined;
  for (const [index, identity] of manifest.identities.entries()) {
    const fit = { ...compare(identity, running), identity: index };
    if (best === undefined || fit.reasons.length < best.reasons.length) best = fit;
  }
  return best ?? { ...published(manifest, running), identity: 0 };
}

/** Of rows that have run on no model yet. */
function published({ madeFor, readouts }: Manifest, running: Identity): Omit<Fit, "identity"> {
  if (madeFor?.width !== running.width)
    return { level: "incompatible", reasons: [`residual width ${running.width} instead of ${madeFor?.width}`] };
  const beyond = readouts.find(({ tap }) => Number(tap.split(".")[1]) >= running.layers);
  if (beyond !== undefined)
    return { level: "incompatible", reasons: [`${running.layers} layers, and it reads ${beyond.tap}`] };
  return { level: "uncalibrated", reasons: ["it was calibrated on no model yet"] };
}

function compare(pack: Identity, running: Identity): Omit<Fit, "identity"> {
  const incompatible: string[] = [];
  if (pack.width !== running.width) incompatible.push(`residual width ${running.width} instead of ${pack.width}`);
  if (pack.layers !== running.layers) incompatible.push(`${running.layers} layers instead of ${pack.layers}`);
  if (pack.architecture !== running.architecture)
    incompatible.push(`architecture ${running.architecture} instead of ${pack.architecture}`);
  if (pack.tokenizerHash !== running.tokenizerHash) incompatible.push("another tokenizer");
  if (incompatible.length > 0) return { level: "incompatible", reasons: incompatible };

  const differs: string[] = [];
  if (pack.modelSha256 !== running.modelSha256) differs.push("another model file");
  if (adaptersKey(pack) !== adaptersKey(running)) differs.push("other adapters");
  if (pack.templateHash !== running.templateHash) differs.push("another chat template");
  if (pack.systemHash !== running.systemHash) differs.push("another system message");
  if (pack.quantisation !== running.quantisation)
    differs.push(`quantisation ${running.quantisation} instead of ${pack.quantisation}`);
  if (pack.kvType !== running.kvType) differs.push(`KV cache ${running.kvType} instead of ${pack.kvType}`);
  if (pack.engineVersion !== running.engineVersion)
    differs.push(`llama.cpp ${running.engineVersion} instead of ${pack.engineVersion}`);
  return { level: differs.length === 0 ? "calibrated" : "uncalibrated", reasons: differs };
}

function adaptersKey(identity: Identity): string {
  return identity.adapters
    .map(({ sha256, scale }) => `${sha256}*${scale}`)
    .sort()
    .join();
}
