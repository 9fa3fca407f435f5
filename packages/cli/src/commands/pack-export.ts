import { basename } from "node:path";
import { runningIdentity } from "@modx/guard";
import { buildFeaturePack, readFeatureFile } from "@modx/lab";
import { checkPackFolder, packNameOf } from "@modx/pack";
import { openSae } from "@modx/sae";
import type { Command } from "commander";
import { openForRecording } from "../open/open-for-recording.ts";
import { saeFolder } from "../open/sae-folder.ts";
import { MODEL_OPTIONS, type ModelFlags } from "../options/model-options.ts";
import { addOptions, wholeNumber } from "../options/option.ts";
import { PLAIN_REQUESTS } from "./plain-requests.ts";
import { tapOf } from "./sae.ts";

interface ExportFlags extends ModelFlags {
  sae: string;
  features: string;
  out: string;
  family?: string;
  layer?: number;
}

export function addExport(pack: Command): void {
  const command = pack
    .command("export")
    .description("make a pack that watches features of a sparse autoencoder: a draft, for `modx lab calibrate`")
    .requiredOption("--sae <dir>", "folder with the autoencoder's configuration and weights, or hf:USER/REPO/FOLDER")
    .requiredOption("--features <file>", "features to quarantine: JSON or CSV, with labels or without")
    .requiredOption("--out <dir>", "folder of the pack")
    .option("--family <name>", "family of the autoencoder, instead of the one that recognises it")
    .option(
      "--layer <n>",
      "block behind which it reads the residual stream, where its files do not say",
      wholeNumber("the block"),
    );
  addOptions(command, MODEL_OPTIONS).action(exportPack);
}

async function exportPack(flags: ExportFlags): Promise<void> {
  checkPackFolder(flags.out);
  const name = packNameOf(flags.out);
  const features = readFeatureFile(flags.features);
  const sae = await openSae(await saeFolder(flags.sae, flags), flags.family);
  try {
    const tap = tapOf(sae, flags.layer);
    const { engine, files } = await openForRecording(flags, [tap]);
    try {
      await buildFeaturePack({
        engine,
        identity: runningIdentity(engine, files),
        sae,
        source: basename(flags.sae),
        tap,
        features,
        prompts: PLAIN_REQUESTS.map((text, index) => ({ id: `plain-${index}`, text, label: "benign", source: "modx" })),
        name,
        folder: flags.out,
      });
    } finally {
      await engine.close();
    }
  } finally {
    await sae.file.close();
  }
  process.stdout.write(
    `pack of ${features.length} features in ${flags.out}, not calibrated yet: modx lab calibrate --pack ${flags.out} --benign FILE ...\n`,
  );
}
