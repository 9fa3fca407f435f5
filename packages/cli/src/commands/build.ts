import { join, resolve } from "node:path";
import type { Engine } from "@modx/engine";
import { runningIdentity } from "@modx/guard";
import {
  basePlan,
  type ChosenPrompts,
  candidateTaps,
  chooseFromSplits,
  choosePrompts,
  LABELS,
  readPromptFile,
  record,
  recordedAnswers,
  type Traffic,
  trainingPlan,
  trainOnce,
} from "@modx/lab";
import { checkPackFolder, copyPack, packNameOf } from "@modx/pack";
import type { Command } from "commander";
import { PROBE_PROMPTS } from "../open/built-in.ts";
import { checkBase, openBase } from "../open/open-base.ts";
import { openForRecording } from "../open/open-for-recording.ts";
import { thoseThatFit } from "../open/those-that-fit.ts";
import { MODEL_OPTIONS, type ModelFlags } from "../options/model-options.ts";
import { addOptions, repeated, usage, wholeNumber } from "../options/option.ts";
import { RATE_OPTIONS, type RateFlags, statedRates } from "../options/rate-options.ts";
import { readTrafficFiles, splitsOf, TRAFFIC_OPTIONS, type TrafficFlags } from "../options/traffic-options.ts";
import { note } from "../print/note.ts";
import { progressBar } from "../print/progress-bar.ts";
import { calibrateFolder } from "./lab/calibrate.ts";

interface BuildFlags extends ModelFlags, TrafficFlags, RateFlags {
  out: string;
  train?: string[];
  base?: string;
  work?: string;
  predict: number;
}

/** Room for an opening that is put into the model's mouth. */
const OPENING_TOKENS = 32;
/** Response tokens recorded for training: as many as the longest span that a probe learns from. */
const RECORDED_TOKENS = 32;

export function addBuild(program: Command): void {
  const command = program
    .command("build")
    .description(
      "build a pack for a model: record it, train on what it does, calibrate on what it should not alarm on",
    );
  addOptions(command, [...MODEL_OPTIONS, ...TRAFFIC_OPTIONS, ...RATE_OPTIONS]);
  command
    .requiredOption("--out <dir>", "folder of the pack")
    .option(
      "--train <file>",
      "labelled prompts that only train; the others then only calibrate; may be repeated",
      repeated,
    )
    .option(
      "--base <file|name>",
      "the model that this one was made from, or `none` (default: the same without its adapters): its answers to harmful requests show what compliance looks like",
    )
    .option(
      "--work <dir>",
      "folder of the recording, the draft and the answers to calibrate on, to go on with after an interruption (default: OUT.work)",
    )
    .option(
      "-n, --predict <n>",
      "tokens of the longest response to promise for",
      wholeNumber("the number of tokens", 8),
      64,
    )
    .action(build);
}

async function build(flags: BuildFlags): Promise<void> {
  checkPackFolder(flags.out);
  const name = packNameOf(flags.out);
  const chosen = chosenPrompts(flags);
  const { model, training } = await thatFit(flags, chosen.training);
  const { calibrating, near } = chosen;
  if (near > 0)
    note(`${near} prompts are left out: to calibrate and to train on what is nearly the same would flatter`);
  note(`training on ${counts(training)}; calibrating on ${counts(calibrating)}`);
  const work = flags.work ?? `${resolve(flags.out)}.work`;
  const recording = join(work, "recording");
  const draft = join(work, "draft");
  // a pack that is there goes on serving until the new one is calibrated
  const calibrated = join(work, "calibrated");
  const taps = candidateTaps(model.layers);
  const base = await recordBase(flags, training, model, taps, join(work, "base"));
  const recorder = await openForRecording(flags, taps);
  const recorded = progressBar("recorded", "items");
  try {
    const identity = runningIdentity(recorder.engine, recorder.files);
    await record({
      engine: recorder.engine,
      identity,
      plan: trainingPlan(training, base.flatMap(recordedAnswers)),
      folder: recording,
      maxTokens: RECORDED_TOKENS,
      keep: RECORDED_TOKENS,
      onProgress: recorded.update,
    });
    recorded.end();
    const there = await trainOnce(
      {
        engine: recorder.engine,
        identity,
        recordings: [recording],
        baseRecordings: base,
        name,
        folder: draft,
        rates: statedRates(flags),
        onProgress: note,
      },
      join(work, "draft-of"),
    );
    if (there) note("trained on these recordings already");
  } finally {
    recorded.end();
    await recorder.engine.close();
  }
  copyPack(draft, calibrated);
  await calibrateFolder({ ...flags, work: join(work, "calibration") }, calibrated, calibrating);
  copyPack(calibrated, flags.out);
  note(`pack in ${flags.out}`);
}

/** What the model is, and the prompts that leave room for what is put behind them and for an answer; the others are said. */
async function thatFit(flags: BuildFlags, prompts: Traffic): Promise<{ model: Engine["model"]; training: Traffic }> {
  const { engine } = await openForRecording(flags, []);
  try {
    const { fit } = await thoseThatFit([engine], prompts, OPENING_TOKENS + RECORDED_TOKENS);
    return { model: engine.model, training: fit };
  } finally {
    await engine.close();
  }
}

/** Records what the base answers to the training prompts; returns the recording's folder, none where no base is known. */
async function recordBase(
  flags: BuildFlags,
  training: Traffic,
  model: Engine["model"],
  taps: readonly string[],
  folder: string,
): Promise<string[]> {
  await checkBase(flags, flags.base, model);
  const recorder = await openBase(flags, flags.base, taps);
  if (recorder === null) {
    note("no base model is known: compliance is learnt from continuations of openings alone; --base names one");
    return [];
  }
  const bar = progressBar("answered by the base", "items");
  try {
    await record({
      engine: recorder.engine,
      identity: runningIdentity(recorder.engine, recorder.files),
      plan: basePlan(training),
      folder,
      maxTokens: RECORDED_TOKENS,
      keep: RECORDED_TOKENS,
      onProgress: bar.update,
    });
  } finally {
    bar.end();
    await recorder.engine.close();
  }
  return [folder];
}

/** Prompts of the files that the flags name, by what they are for. */
function chosenPrompts(flags: BuildFlags): ChosenPrompts {
  const builtIn = LABELS.flatMap((label) =>
    readPromptFile(join(PROBE_PROMPTS, `${label}.jsonl`)).map((prompt) => ({ ...prompt, source: "modx-probe" })),
  );
  if (flags.splits === undefined)
    return choosePrompts(builtIn, readTrafficFiles(flags), (flags.train ?? []).flatMap(readPromptFile));
  if (flags.train !== undefined)
    throw usage("--splits and --train both say what to train on.", "Leave one of them out.");
  return chooseFromSplits(builtIn, splitsOf(flags, flags.splits));
}

function counts(traffic: Traffic): string {
  return LABELS.map((label) => `${traffic[label].length} ${label}`).join(", ");
}
