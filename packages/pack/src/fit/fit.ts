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
  /** Whether that is what runs to the last, calibrated or not. */
  same: boolean;
}

const WORSE = { calibrated: 0, uncalibrated: 1, incompatible: 2 } as const;

/** Compares what runs with everything the pack knows; the nearest of them counts. */
export function fitOf(manifest: Manifest, running: Identity): Fit {
  const fits = manifest.identities.map((_, index) => fitOn(manifest, index, running));
  const [best] = fits.sort((a, b) => WORSE[a.level] - WORSE[b.level] || a.reasons.length - b.reasons.length);
  return best ?? fitOn(manifest, 0, running);
}

/** Compares what runs with one of the pack's identities, or with what it is made for where it has run on no model yet. */
export function fitOn(manifest: Manifest, index: number, running: Identity): Fit {
  const { identities, detectors } = manifest;
  const identity = identities[index];
  if (identity === undefined) return { ...published(manifest, running), identity: index, same: false };
  const compared = compareIdentities(identity, running);
  const same = compared.level === "calibrated";
  const known = detectors.map(({ calibrations }) => calibrations.filter((one) => one.identity === index));
  // what it does on benign requests is what a model is mostly asked: a threshold that promises nothing there promises nothing
  const calibrated = known.every((list) => list.some(({ traffic }) => traffic === "benign"));
  if (calibrated || compared.level === "incompatible") return { ...compared, identity: index, same };
  const why = known.every((list) => list.length > 0)
    ? "it was not calibrated on benign requests to this model"
    : "it was not calibrated on this model";
  const reasons = [...compared.reasons, why];
  return { level: "uncalibrated", reasons, identity: index, same };
}

/** Of rows that have run on no model yet. */
function published({ madeFor, readouts }: Manifest, running: Identity): Compared {
  if (madeFor?.width !== running.width)
    return { level: "incompatible", reasons: [`residual width ${running.width} instead of ${madeFor?.width}`] };
  const beyond = readouts.find(({ tap }) => Number(tap.split(".")[1]) >= running.layers);
  if (beyond !== undefined)
    return { level: "incompatible", reasons: [`${running.layers} layers, and it reads ${beyond.tap}`] };
  return { level: "uncalibrated", reasons: ["it was calibrated on no model yet"] };
}

type Compared = Pick<Fit, "level" | "reasons">;

/** In what two models differ, as far as it matters to readings. */
export function compareIdentities(pack: Identity, running: Identity): Compared {
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
