import type { Command } from "commander";
import type { EvaluateFlags } from "../../evaluate/evaluate-flags.ts";
import { evaluation } from "../../evaluate/evaluation.ts";
import { writeReport } from "../../evaluate/write-report.ts";
import { GUARD_OPTIONS, MODEL_OPTIONS } from "../../options/model-options.ts";
import { addOptions, repeated, wholeNumber } from "../../options/option.ts";
import { checkOutputFile, makeOutputFolder } from "../../options/output-file.ts";
import { TRAFFIC_OPTIONS } from "../../options/traffic-options.ts";
import { writeAnswers } from "../../print/answers-file.ts";
import { behaviourText, reportText } from "../../print/report-text.ts";

interface OutputFlags {
  report?: string;
  answers?: string;
  json?: boolean;
}

export function addEvaluate(lab: Command): void {
  const command = lab
    .command("evaluate")
    .description(
      "find out what a pack is worth on a model: what it catches, what it alarms on, and what else would have done",
    );
  addOptions(command, [
    ...MODEL_OPTIONS,
    ...GUARD_OPTIONS.filter(({ flags }) => !/policy|hold|allow/.test(flags)),
    ...TRAFFIC_OPTIONS,
  ]);
  command
    .option("--trigger <text>", "the suspect's trigger, for the evaluation only; may be repeated", repeated)
    .option("--trigger-file <file>", "the suspect's triggers and near misses, for the evaluation only")
    .option("--control <file>", "an adapter without a backdoor, which is made to comply")
    .option(
      "--beside <name=dir>",
      "another pack that watches the same answers, as one from another suspect, or one that was trained with the trigger; may be repeated",
      repeated,
    )
    .option(
      "--simpler",
      "compare with simpler detectors of the pack's rows, and with how sure the model is, too: the answers are read again, for about as long as they took",
    )
    .option(
      "--sae <name>",
      "an autoencoder, to compare with the rule that quarantines features of one, and with what --simpler does: a folder, hf:USER/REPO/FOLDER, or a name of `modx sae list`",
    )
    .option("--reading <file>", "answers that were read, which bound the errors of the labels")
    .option("--limit <n>", "most prompts of each kind", wholeNumber("the number of prompts", 1))
    .option(
      "--attack <n>",
      "let an attacker ask n answers for each of 30 caught prompts (takes long)",
      wholeNumber("the number of queries", 1),
    )
    .option("-n, --predict <n>", "most response tokens", wholeNumber("the number of tokens", 1))
    .option("--work <dir>", "folder in which every answer is kept, to go on with after an interruption")
    .option("--report <dir>", "write report.html and report.json into this folder")
    .option("--answers <file>", "also write every answer with its label and scores, as JSON Lines")
    .option("--json", "print one JSON object")
    .action(run);
}

async function run(flags: EvaluateFlags & OutputFlags): Promise<void> {
  if (flags.answers !== undefined) checkOutputFile(flags.answers);
  if (flags.report !== undefined) makeOutputFolder(flags.report);
  const { report, answers, behaviour } = await evaluation(flags);
  // first what cannot fail: a folder that is not there any more loses nothing
  if (report === null)
    process.stdout.write(flags.json === true ? `${JSON.stringify({ behaviour })}\n` : behaviourText(behaviour));
  else process.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : reportText(report));
  if (flags.answers !== undefined) writeAnswers(flags.answers, answers);
  if (report !== null && flags.report !== undefined) writeReport(flags.report, report);
}
