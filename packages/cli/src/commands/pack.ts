import { checkPolicy, openGuard, replayGolden, runningIdentity, tapsOf } from "@modx/guard";
import {
  type DetectorSpec,
  fitOf,
  GOLDEN_TOLERANCE,
  type Identity,
  type Pack,
  readPack,
  thresholdOn,
} from "@modx/pack";
import type { Command } from "commander";
import { openModel } from "../open/open-model.ts";
import { MODEL_OPTIONS, type ModelFlags } from "../options/model-options.ts";
import { addOptions } from "../options/option.ts";
import { promisesOn } from "../print/promise-text.ts";
import { addExport } from "./pack-export.ts";

export function addPack(program: Command): void {
  const pack = program.command("pack").description("look at packs");
  pack
    .command("inspect")
    .description("what a pack detects, for what it was built, and what it promises")
    .argument("<dir>")
    .option("--json", "print the manifest")
    .action((folder: string, flags: { json?: boolean }) => {
      const read = readPack(folder);
      process.stdout.write(
        flags.json === true ? `${JSON.stringify({ sha256: read.sha256, ...read.manifest })}\n` : describe(read),
      );
    });
  addExport(pack);
  const verify = pack
    .command("verify")
    .description("check a pack's files, its fit to the model, and its golden readings")
    .argument("<dir>")
    .option("--json", "print one JSON object");
  addOptions(verify, MODEL_OPTIONS).action(async (folder: string, flags: ModelFlags & { json?: boolean }) => {
    const read = readPack(folder);
    const { engine, files } = await openModel(flags, { taps: tapsOf([read]), sequences: 1 });
    try {
      const fit = fitOf(read.manifest, runningIdentity(engine, files));
      let error: number | null = null;
      if (fit.level !== "incompatible") {
        // the guard itself would refuse; here the figure is wanted
        await openGuard({ engine, packs: [], files, policy: checkPolicy("log") });
        await engine.bind(
          read.readouts.map((readout) => ({ ...readout, tap: readout.tap as `blocks.${number}.hook_resid_post` })),
        );
        error = await replayGolden(engine, read, {
          identity: fit.identity,
          from: 0,
          count: engine.rowNames.length,
        });
      }
      const ok = fit.level === "calibrated" && error !== null && error <= GOLDEN_TOLERANCE;
      if (flags.json === true)
        process.stdout.write(`${JSON.stringify({ fit: fit.level, reasons: fit.reasons, golden_error: error })}\n`);
      else {
        process.stdout.write(`fit: ${fit.level}${fit.reasons.length === 0 ? "" : ` (${fit.reasons.join(", ")})`}\n`);
        if (error !== null)
          process.stdout.write(`golden readings: off by ${error.toFixed(4)} spreads, ${GOLDEN_TOLERANCE} allowed\n`);
      }
      if (!ok) process.exitCode = 1;
    } finally {
      await engine.close();
    }
  });
}

function adaptersOf({ adapters }: Identity): string {
  return adapters.map(({ sha256, scale }) => `${sha256.slice(0, 12)} x ${scale}`).join(", ") || "none";
}

function partsOf(detector: DetectorSpec): string[] {
  if (detector.algorithm === "joined-terms")
    return detector.terms.map(
      ({ name, weight, over, within }) =>
        `  term ${name}: weight ${weight.toFixed(3)} over ${over}${within === undefined ? "" : `, kept within ${within.join(" and ")}`}`,
    );
  return detector.features.map(
    ({ row, label, activation, tail }) =>
      `  feature ${row}${label === "" ? "" : ` (${label})`}: ${activation.kind}, ${tail === null ? "not measured on benign answers yet" : `counts above ${tail.floor.toPrecision(3)}, in units of ${tail.scale.toPrecision(3)}`}`,
  );
}

function describe({ manifest, sha256 }: Pack): string {
  const lines = [`${manifest.name}: ${manifest.description}`, `sha256 ${sha256}`, ""];
  for (const identity of manifest.identities) {
    lines.push(
      `calibrated on ${identity.modelName} (${identity.architecture}, ${identity.quantisation}), adapters ${adaptersOf(identity)}, llama.cpp ${identity.engineVersion}`,
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
  return `${lines.join("\n")}\n`;
}
