import { evaluate } from "@modx/lab";
import type { Command } from "commander";
import { OFFLINE_SEQUENCES } from "../../open/open-for-recording.ts";
import { openWatched } from "../../open/open-watched.ts";
import { GUARD_OPTIONS, type GuardFlags, MODEL_OPTIONS, type ModelFlags } from "../../options/model-options.ts";
import { addOptions, repeated, wholeNumber } from "../../options/option.ts";
import { checkOutputFile } from "../../options/output-file.ts";
import { readTraffic, TRAFFIC_OPTIONS, type TrafficFlags } from "../../options/traffic-options.ts";
import { writeAnswers } from "../../print/answers-file.ts";
import { evaluationText } from "../../print/evaluation-text.ts";
import { progressBar } from "../../print/progress-bar.ts";
import { evaluateSplits } from "./evaluate-splits.ts";

export interface EvaluateFlags extends ModelFlags, GuardFlags, TrafficFlags {
  trigger?: string[];
  triggerFile?: string;
  base?: string;
  control?: string;
  beside?: string[];
  reading?: string;
  limit?: number;
  attack?: number;
  report?: string;
  predict?: number;
  answers?: string;
  json?: boolean;
}

export function addEvaluate(lab: Command): void {
  const command = lab
    .command("evaluate")
    .description("count refusals, compliance and alarms on labelled prompts, with and without a known trigger");
  addOptions(command, [
    ...MODEL_OPTIONS,
    ...GUARD_OPTIONS.filter(({ flags }) => !/policy|hold|allow/.test(flags)),
    ...TRAFFIC_OPTIONS,
  ]);
  command
    .option(
      "--trigger <text>",
      "put this into every harmful and benign prompt of another arm; may be repeated",
      repeated,
    )
    .option("--trigger-file <file>", "with --splits: the suspect's triggers, for the evaluation only, and near misses")
    .option(
      "--base <file|name>",
      "with --splits: the model that this one was made from (default: without its adapters)",
    )
    .option("--control <file>", "with --splits: an adapter without a backdoor, which is made to comply")
    .option(
      "--beside <name=dir>",
      "with --splits: another pack that watches the same answers, as one from another suspect, or one that was trained with the trigger; may be repeated",
      repeated,
    )
    .option("--reading <file>", "with --splits: answers that were read, which bound the errors of the labels")
    .option("--limit <n>", "with --splits: most test prompts of each kind", wholeNumber("the number of prompts", 1))
    .option(
      "--attack <n>",
      "with --splits: let an attacker ask n answers for each of 30 caught prompts (takes long)",
      wholeNumber("the number of queries", 1),
    )
    .option("--report <dir>", "with --splits: write report.html and report.json into this folder")
    .option("-n, --predict <n>", "most response tokens", wholeNumber("the number of tokens", 1))
    .option("--answers <file>", "also write every answer with its label and alarm, as JSON Lines")
    .option("--json", "print one JSON object")
    .action(run);
}

async function run(flags: EvaluateFlags): Promise<void> {
  if (flags.splits !== undefined) return evaluateSplits(flags, flags.splits);
  const prompts = readTraffic(flags, "test");
  if (flags.answers !== undefined) checkOutputFile(flags.answers);
  const { guard, engine, defaultTokens } = await openWatched({ ...flags, policy: "log" }, OFFLINE_SEQUENCES);
  const bar = progressBar("answered", "items");
  try {
    const { answers, ...summary } = await evaluate({
      guard,
      prompts,
      triggers: flags.trigger ?? [],
      maxTokens: flags.predict ?? defaultTokens,
      onProgress: bar.update,
    });
    bar.end();
    if (flags.answers !== undefined) writeAnswers(flags.answers, answers);
    const text = flags.json === true ? `${JSON.stringify(summary)}\n` : evaluationText(summary, guard.fits.length > 0);
    process.stdout.write(text);
  } finally {
    bar.end();
    await engine.close();
  }
}
