import { tapsOf } from "@modx/guard";
import { calibratePack, type Traffic } from "@modx/lab";
import { readPack } from "@modx/pack";
import type { Command } from "commander";
import { openForRecording } from "../../open/open-for-recording.ts";
import { baseNeeds } from "../../open/open-watched.ts";
import { thoseThatFit } from "../../open/those-that-fit.ts";
import { MODEL_OPTIONS, type ModelFlags } from "../../options/model-options.ts";
import { addOptions, wholeNumber } from "../../options/option.ts";
import { makeOutputFolder } from "../../options/output-file.ts";
import { RATE_OPTIONS, type RateFlags, statedRates } from "../../options/rate-options.ts";
import { readTraffic, TRAFFIC_OPTIONS, type TrafficFlags } from "../../options/traffic-options.ts";
import { note } from "../../print/note.ts";
import { progressBar } from "../../print/progress-bar.ts";
import { promiseText } from "../../print/promise-text.ts";

interface CalibrateFlags extends ModelFlags, TrafficFlags, RateFlags {
  pack: string;
  base?: string;
  predict: number;
  work?: string;
}

export function addCalibrate(lab: Command): void {
  const command = lab
    .command("calibrate")
    .description(
      "set a pack's thresholds from the responses of the model that runs; what it promised on another model or for other kinds of prompts stays",
    );
  addOptions(command, [...MODEL_OPTIONS, ...TRAFFIC_OPTIONS, ...RATE_OPTIONS]);
  command
    .requiredOption("--pack <dir>", "pack to calibrate, in place")
    .option(
      "--base <file|name>",
      "the model that this one was made from, for packs that ask it (default: without its adapters)",
    )
    .option("--work <dir>", "folder in which every answer is kept, to go on with after an interruption")
    .option("-n, --predict <n>", "tokens of the longest response", wholeNumber("the number of tokens", 8), 64)
    .action((flags: CalibrateFlags) => calibrateFolder(flags, flags.pack, readTraffic(flags, "calibration")));
}

/** Calibrates the pack in `folder` for what the flags name, and prints what it promises. */
export async function calibrateFolder(
  flags: ModelFlags & RateFlags & { predict: number; base?: string; work?: string },
  folder: string,
  prompts: Traffic,
): Promise<void> {
  const pack = readPack(folder);
  if (flags.work !== undefined) makeOutputFolder(flags.work);
  const { engine, files, base } = await openForRecording(flags, tapsOf([pack]), baseNeeds([pack], flags.base));
  const bar = progressBar("answered", "items");
  try {
    const { fit } = await thoseThatFit([engine], prompts, flags.predict);
    const calibrated = await calibratePack({
      engine,
      files,
      base,
      folder,
      prompts: fit,
      length: flags.predict,
      rates: statedRates(flags),
      ...(flags.work !== undefined && { work: flags.work }),
      ...(flags.confidence !== undefined && { confidence: flags.confidence }),
      onProgress: bar.update,
      onSeen: (count) => note(`${count} prompts are left out: the pack was trained or measured on them`),
    });
    bar.end();
    process.stdout.write(promiseText(calibrated));
  } finally {
    bar.end();
    await engine.close();
  }
}
