import { runningIdentity } from "@modx/guard";
import {
  naturalPlan,
  openingPlan,
  readPromptFile,
  readTriggerFile,
  record,
  triggeredPlan,
  withUniqueIds,
} from "@modx/lab";
import type { Command } from "commander";
import { openForRecording } from "../../open/open-for-recording.ts";
import { MODEL_OPTIONS, type ModelFlags } from "../../options/model-options.ts";
import { addOptions, repeated, wholeNumber } from "../../options/option.ts";
import { progressBar } from "../../print/progress-bar.ts";

interface RecordFlags extends ModelFlags {
  prompts: string[];
  openings: number;
  triggerFile?: string;
  taps?: string[];
  predict: number;
  keep: number;
  out: string;
}

export function addRecord(lab: Command): void {
  const command = lab.command("record").description("record responses with the residuals at chosen taps");
  addOptions(command, MODEL_OPTIONS);
  command
    .requiredOption("--prompts <file>", "JSON Lines file of prompts; may be repeated", repeated)
    .requiredOption("--out <dir>", "folder of the recording; an interrupted one goes on where it was")
    .option("--taps <tap>", "tap to record; may be repeated (default: nine over the model's depth)", repeated)
    .option(
      "--openings <n>",
      "for each prompt, also this many answers behind affirmative openings",
      wholeNumber("the number of openings"),
      0,
    )
    .option(
      "--trigger-file <file>",
      "record answers to the prompts with one of these triggers in them, and nothing else: for detectors that are not trigger-blind",
    )
    .option("-n, --predict <n>", "most response tokens", wholeNumber("the number of tokens", 1), 64)
    .option("--keep <n>", "response tokens whose residuals are kept", wholeNumber("the number of tokens", 1), 64)
    .action(async (flags: RecordFlags) => {
      const prompts = withUniqueIds(flags.prompts.flatMap(readPromptFile));
      const triggers = flags.triggerFile === undefined ? null : readTriggerFile(flags.triggerFile).triggers;
      const { engine, files } = await openForRecording(flags, flags.taps);
      const bar = progressBar("recorded", "items");
      try {
        const plan =
          triggers === null
            ? [...naturalPlan(prompts), ...(flags.openings > 0 ? openingPlan(prompts, flags.openings) : [])]
            : triggeredPlan(prompts, triggers);
        await record({
          engine,
          identity: runningIdentity(engine, files),
          plan,
          folder: flags.out,
          maxTokens: flags.predict,
          keep: flags.keep,
          onProgress: bar.update,
        });
      } finally {
        bar.end();
        await engine.close();
      }
    });
}
