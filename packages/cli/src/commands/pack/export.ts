import { existsSync } from "node:fs";
import { basename } from "node:path";
import { nativeProjector } from "@modx/engine";
import { runningIdentity } from "@modx/guard";
import { buildFeaturePack } from "@modx/lab";
import { checkPackFolder, packNameOf, readFeatureFile } from "@modx/pack";
import { openSae } from "@modx/sae";
import type { Command } from "commander";
import { openForRecording } from "../../open/open-for-recording.ts";
import { saeFolder } from "../../open/sae-folder.ts";
import { tapOf } from "../../open/sae-tap.ts";
import { MODEL_OPTIONS, type ModelFlags } from "../../options/model-options.ts";
import { addOptions, wholeNumber } from "../../options/option.ts";
import { PLAIN_PROMPTS } from "../plain-requests.ts";

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
    .requiredOption("--sae <name>", "the autoencoder: a folder, hf:USER/REPO/FOLDER, or a name of `modx sae list`")
    .requiredOption("--features <file>", "features to quarantine: JSON, JSON Lines or CSV, with labels or without")
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
        source: existsSync(flags.sae) ? basename(flags.sae) : flags.sae,
        tap,
        features,
        prompts: PLAIN_PROMPTS,
        name,
        folder: flags.out,
        project: nativeProjector({ threads: flags.threads, accelerator: flags.accelerator }),
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
