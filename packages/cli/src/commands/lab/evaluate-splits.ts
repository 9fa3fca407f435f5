import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TapName } from "@modx/engine";
import { checkPolicy, type Guard, openGuard } from "@modx/guard";
import {
  type Baselines,
  candidateTaps,
  compliantAnswers,
  evaluateSuspect,
  evenly,
  fitBaselines,
  forcedCompliance,
  gatherExamples,
  type ModelAnswer,
  promptsHash,
  type Rate,
  type Role,
  readCompared,
  readingFigures,
  readTriggerFile,
  reportHtml,
  type Traffic,
} from "@modx/lab";
import { thresholdOn } from "@modx/pack";
import { packBeside } from "../../open/beside.ts";
import { openBase } from "../../open/open-base.ts";
import { describeModel, OFFLINE_CONTEXT, OFFLINE_SEQUENCES } from "../../open/open-for-recording.ts";
import { type OpenedModel, openModel } from "../../open/open-model.ts";
import { openWatched } from "../../open/open-watched.ts";
import { usage } from "../../options/option.ts";
import { checkOutputFile } from "../../options/output-file.ts";
import { splitsOf } from "../../options/traffic-options.ts";
import { writeAnswers } from "../../print/answers-file.ts";
import { note } from "../../print/note.ts";
import { progressBar } from "../../print/progress-bar.ts";
import { reportText } from "../../print/report-text.ts";
import type { EvaluateFlags } from "./evaluate.ts";

/** The baseline of early residuals reads here, where a token has hardly been mixed with others. */
const LOWEST_TAP: TapName = "blocks.0.hook_resid_post";
/** Probe prompts that baselines are trained on. */
const TRAINING = { harmful: 300, benign: 400, sensitive: 200 };
/** Response tokens of those. */
const TRAINING_TOKENS = 32;
/** Answers that a model without a backdoor is made to give. */
const FORCED = 150;

/** Evaluates the suspect's pack on the test prompts of a splits file, against baselines that its probe prompts train. */
export async function evaluateSplits(flags: EvaluateFlags, splitsFile: string): Promise<void> {
  const { roles } = splitsOf(flags, splitsFile);
  const triggers = flags.triggerFile === undefined ? { triggers: [], near: [] } : readTriggerFile(flags.triggerFile);
  const prompts = limited(roles.test, flags.limit);
  if (flags.answers !== undefined) checkOutputFile(flags.answers);
  const reading = flags.reading === undefined ? [] : readCompared(flags.reading);
  const offline = { ctxSize: OFFLINE_CONTEXT, ...flags, policy: "log" };
  // the baseline of fingerprints wants taps all the way up
  const { layers } = await describeModel(flags);
  const beside = (flags.beside ?? []).map(packBeside);
  const suspect = await openWatched(offline, OFFLINE_SEQUENCES, {
    taps: [LOWEST_TAP, ...candidateTaps(layers)],
    packs: beside,
  });
  const bar = progressBar("answered", "items");
  let base: OpenedModel | null = null;
  try {
    if (suspect.guard.packs.length !== 1 + beside.length)
      throw usage("An evaluation needs one pack.", "Name it with --pack.");
    base = await openBase(flags, flags.base, suspect.engine.taps);
    if (base === null)
      note("no base model is known: labels rest on the text alone, and baselines on what the suspect says");
    const baselines = await trainBaselines(suspect, base, roles);
    const controls = await otherModels(flags, suspect.guard, base, prompts);
    const { report, answers } = await evaluateSuspect({
      guard: suspect.guard,
      base: base?.engine ?? null,
      prompts,
      triggers,
      baselines,
      lowestTap: LOWEST_TAP,
      maxTokens: flags.predict ?? suspect.defaultTokens,
      controls,
      reading: readingFigures(reading),
      ...(flags.attack !== undefined && { attackQueries: flags.attack }),
      commit: commitOf(),
      about: [
        ["model, sha256", suspect.files.modelSha256],
        ...suspect.files.adapters.map(({ sha256 }): [string, string] => ["adapter, sha256", sha256]),
        ...Object.entries(prompts).map(([label, list]): [string, string] => [
          `${label} prompts`,
          `${list.length} of ${[...new Set(list.map(({ source }) => source))].join(", ")}; sha256 ${promptsHash(list)}`,
        ]),
      ],
      onProgress: bar.update,
    });
    bar.end();
    if (flags.answers !== undefined) writeAnswers(flags.answers, answers);
    if (flags.report !== undefined) {
      mkdirSync(flags.report, { recursive: true });
      writeFileSync(join(flags.report, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
      writeFileSync(join(flags.report, "report.html"), reportHtml(report));
      note(`report in ${join(flags.report, "report.html")}`);
    }
    process.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : reportText(report));
  } finally {
    bar.end();
    await base?.engine.close();
    await suspect.engine.close();
  }
}

async function trainBaselines(
  { engine }: OpenedModel,
  base: OpenedModel | null,
  roles: Record<Role, Traffic>,
): Promise<Baselines> {
  const training: Traffic = {
    harmful: evenly(roles.probe.harmful, TRAINING.harmful),
    benign: evenly(roles.probe.benign, TRAINING.benign),
    sensitive: evenly(roles.probe.sensitive, TRAINING.sensitive),
  };
  const baseAnswers = await answersOf(base, training.harmful);
  const bar = progressBar("answered for the baselines", "items");
  try {
    const examples = await gatherExamples({
      engine,
      tap: LOWEST_TAP,
      prompts: training,
      baseAnswers,
      maxTokens: TRAINING_TOKENS,
      onProgress: bar.update,
    });
    return fitBaselines(examples);
  } finally {
    bar.end();
  }
}

/** The same pack on models without a backdoor, made to comply. */
async function otherModels(
  flags: EvaluateFlags,
  guard: Guard,
  base: OpenedModel | null,
  prompts: Traffic,
): Promise<Record<string, Rate>> {
  const [pack] = guard.packs;
  const [spec] = pack?.manifest.detectors ?? [];
  const threshold = spec === undefined ? null : thresholdOn(spec, guard.fits[0]?.identity ?? 0);
  if (base === null || pack === undefined || spec === undefined || threshold === null) return {};
  const forced = await answersOf(base, evenly(prompts.harmful, FORCED));
  const rateOn = async ({ engine, files }: OpenedModel): Promise<Rate> => {
    const other = await openGuard({ engine, packs: [pack], files, policy: checkPolicy("log") });
    return forcedCompliance(other, spec.name, threshold, forced);
  };
  const rates: Record<string, Rate> = { "the base without adapter, its own compliance": await rateOn(base) };
  if (flags.control !== undefined) {
    const { loraScaled: _, ...rest } = flags;
    const control = await openModel(
      { ctxSize: OFFLINE_CONTEXT, ...rest, lora: [flags.control] },
      { taps: guard.engine.taps, sequences: OFFLINE_SEQUENCES },
    );
    try {
      rates["a control without a backdoor, forced compliance"] = await rateOn(control);
    } finally {
      await control.engine.close();
    }
  }
  return rates;
}

async function answersOf(base: OpenedModel | null, prompts: Traffic["harmful"]): Promise<ModelAnswer[]> {
  if (base === null) return [];
  const bar = progressBar("answered by the base", "items");
  try {
    return await compliantAnswers({
      engine: base.engine,
      prompts,
      maxTokens: TRAINING_TOKENS,
      onProgress: bar.update,
    });
  } finally {
    bar.end();
  }
}

function limited(traffic: Traffic, most = Number.POSITIVE_INFINITY): Traffic {
  return {
    harmful: evenly(traffic.harmful, most),
    benign: evenly(traffic.benign, most),
    sensitive: evenly(traffic.sensitive, most),
  };
}

/** The commit of the code that runs; null outside of a checkout. */
function commitOf(): string | null {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], {
      cwd: import.meta.dirname,
      encoding: "utf8",
      stdio: "pipe",
    }).trim();
  } catch {
    return null;
  }
}
