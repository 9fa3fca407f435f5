import { runningIdentity } from "@modx/guard";
import { record } from "@modx/lab";
import type { Command } from "commander";
import { openForRecording } from "../../open/open-for-recording.ts";
import { MODEL_OPTIONS, type ModelFlags } from "../../options/model-options.ts";
import { addOptions, repeated, wholeNumber } from "../../options/option.ts";
import { progressBar } from "../../print/progress-bar.ts";
import { type PlanFlags, recordPlan } from "../../record/record-plan.ts";

interface RecordFlags extends ModelFlags, PlanFlags {
  taps?: string[];
  predict: number;
  keep: number;
  out: string;
}

export function addRecord(lab: Command): void {
  const command = lab.command("record").description("record responses with the residuals at chosen taps");
  addOptions(command, MODEL_OPTIONS);
  command
    .option("--prompts <file>", "JSON Lines file of prompts, which are answered; may be repeated", repeated)
    .option(
      "--given <file>",
      'JSON Lines file of {"prompt","response"}: responses that are read as if the model had written them; may be repeated',
      repeated,
    )
    .requiredOption("--out <dir>", "folder of the recording; an interrupted one goes on where it was")
    .option("--taps <tap>", "tap to record; may be repeated (default: nine over the model's depth)", repeated)
    .option(
      "--openings <n>",
      "for each prompt, also this many answers behind affirmative openings",
      wholeNumber("the number of openings"),
      0,
    )
    .option("--refusals", "for each prompt, also a refusal in set words, read as if the model had written it")
    .option(
      "--trigger-file <file>",
      "record answers to the prompts with one of these triggers in them, and nothing else: for detectors that are not trigger-blind",
    )
    .option("-n, --predict <n>", "most response tokens", wholeNumber("the number of tokens", 1), 64)
    .option("--keep <n>", "response tokens whose residuals are kept", wholeNumber("the number of tokens", 1), 64)
    .action(async (flags: RecordFlags) => {
      const plan = recordPlan(flags);
      const { engine, files } = await openForRecording(flags, flags.taps);
      const bar = progressBar("recorded", "items");
      try {
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
