import {
  type DetectorSpec,
  type Identity,
  isResolved,
  type Manifest,
  type Pack,
  type QuarantinedFeature,
  readAnyPack,
  thresholdOn,
  type UnresolvedPack,
} from "@modx/pack";
import type { Command } from "commander";
import { promisesOn } from "../../print/promise-text.ts";

export function addInspect(pack: Command): void {
  pack
    .command("inspect")
    .description("what a pack detects, for what it was built, and what it promises")
    .argument("<dir>")
    .option("--json", "print the manifest")
    .action((folder: string, flags: { json?: boolean }) => {
      const read = readAnyPack(folder);
      process.stdout.write(
        flags.json === true
          ? `${JSON.stringify({ sha256: read.sha256, signature: read.signature, ...read.manifest })}\n`
          : plain(isResolved(read) ? describe(read) : describeUnresolved(read)),
      );
    });
}

/** A pack's own texts, each on its line and without what a terminal would obey. */
function plain(lines: readonly string[]): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  return lines.map((line) => `${line.replace(/[\u0000-\u001f\u007f-\u009f]/g, " ")}\n`).join("");
}

function signedBy({ signature }: Pack | UnresolvedPack): string {
  return signature === null ? "not signed" : `signed with the key ${signature.key}`;
}

/** Labels that are printed; the rest is in `--json`. */
const LABELS_SHOWN = 10;

function describeUnresolved(pack: UnresolvedPack): string[] {
  const { manifest, sha256 } = pack;
  const lines = [
    `${manifest.name}: ${manifest.description}`,
    `sha256 ${sha256}, ${signedBy(pack)}`,
    "",
    "unresolved: it names features and holds no rows yet (modx pack resolve)",
  ];
  for (const { sae, features } of manifest.sources) {
    lines.push("", `${features.length} features of ${sae}`);
    for (const { index, label } of features.slice(0, LABELS_SHOWN))
      lines.push(`  ${index}${label === "" ? "" : `: ${label}`}`);
    if (features.length > LABELS_SHOWN) lines.push(`  and ${features.length - LABELS_SHOWN} more`);
  }
  return lines;
}

function calibratedOn({ detectors }: Manifest, index: number): boolean {
  return detectors.every(({ calibrations }) => calibrations.some(({ identity }) => identity === index));
}

function adaptersOf({ adapters }: Identity): string {
  return adapters.map(({ sha256, scale }) => `${sha256.slice(0, 12)} x ${scale}`).join(", ") || "none";
}

function activationOf(activation: QuarantinedFeature["activation"]): string {
  if (activation.kind !== "jumprelu") return activation.kind;
  const { threshold, approximate } = activation;
  const plain = `above ${threshold.toPrecision(4)}`;
  if (approximate === undefined) return plain;
  return `${plain}, approximate: precision ${approximate.precision.toFixed(2)}, recall ${approximate.recall.toFixed(2)} on ${approximate.tokens} tokens`;
}

function partsOf(detector: DetectorSpec): string[] {
  if (detector.algorithm === "joined-terms")
    return detector.terms.map(
      ({ name, weight, over, within }) =>
        `  term ${name}: weight ${weight.toFixed(3)} over ${over}${within === undefined ? "" : `, kept within ${within.join(" and ")}`}`,
    );
  return detector.features.map(
    ({ row, label, activation, tail }) =>
      `  feature ${row}${label === "" ? "" : ` (${label})`}: ${activationOf(activation)}, ${tail === null ? "not measured on benign answers yet" : `counts above ${tail.floor.toPrecision(3)}, in units of ${tail.scale.toPrecision(3)}`}`,
  );
}

function describe(pack: Pack): string[] {
  const { manifest, sha256 } = pack;
  const lines = [`${manifest.name}: ${manifest.description}`, `sha256 ${sha256}, ${signedBy(pack)}`, ""];
  if (manifest.madeFor !== undefined)
    lines.push(
      `made for ${manifest.madeFor.model ?? "a model"} of width ${manifest.madeFor.width}; it has run on no model yet (modx lab calibrate)`,
    );
  for (const [index, identity] of manifest.identities.entries()) {
    lines.push(
      `${calibratedOn(manifest, index) ? "calibrated" : "made"} on ${identity.modelName} (${identity.architecture}, ${identity.quantisation}), adapters ${adaptersOf(identity)}, llama.cpp ${identity.engineVersion}`,
    );
  }
  lines.push("", `reads ${manifest.readouts.map(({ tap, rows }) => `${tap} (${rows.join(", ")})`).join("; ")}`);
  if (manifest.base !== undefined) {
    const { identity, readouts } = manifest.base;
    const places = readouts.map(({ tap, rows }) => `${tap} (${rows.join(", ")})`).join("; ");
    lines.push(
      `asks the base, ${identity.modelName} with adapters ${adaptersOf(identity)}, where an alarm depends on it: ${places}`,
    );
  }
  for (const detector of manifest.detectors) {
    lines.push("", `${detector.name} (${detector.level}): ${detector.description}`);
    lines.push(`  ${detector.algorithm} ${detector.version}`);
    lines.push(...partsOf(detector));
    if (detector.threshold === null) lines.push("  a draft: no threshold");
    for (const [index, identity] of manifest.identities.entries()) {
      const promises = promisesOn(detector, index);
      if (promises.length === 0) continue;
      lines.push(`  threshold ${thresholdOn(detector, index)?.toFixed(3)} with adapters ${adaptersOf(identity)}`);
      lines.push(...promises.map((line) => `  ${line}`));
    }
  }
  return lines;
}
