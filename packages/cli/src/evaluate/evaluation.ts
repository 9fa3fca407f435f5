import { execFileSync } from "node:child_process";
import type { TapName } from "@modx/engine";
import {
  askAll,
  type Behaviour,
  behaviourOf,
  candidateTaps,
  type EvaluationReport,
  evaluateSuspect,
  evenly,
  fitting,
  LABELS,
  ofEach,
  promptsHash,
  readCompared,
  readingFigures,
  readTriggerFile,
  sortTraffic,
  type Traffic,
  type TriggerFile,
  type WatchedAnswer,
} from "@modx/lab";
import { packBeside } from "../open/beside.ts";
import { openBase } from "../open/open-base.ts";
import { describeModel, OFFLINE_CONTEXT, OFFLINE_SEQUENCES } from "../open/open-for-recording.ts";
import type { OpenedModel } from "../open/open-model.ts";
import { openWatched } from "../open/open-watched.ts";
import { usage } from "../options/option.ts";
import { readTrafficFiles, splitsOf } from "../options/traffic-options.ts";
import { note } from "../print/note.ts";
import { progressBar } from "../print/progress-bar.ts";
import type { EvaluateFlags } from "./evaluate-flags.ts";
import { otherModels } from "./other-models.ts";
import { trainBaselines } from "./train-baselines.ts";

/** The baseline of early residuals reads here, where a token has hardly been mixed with others. */
const LOWEST_TAP: TapName = "blocks.0.hook_resid_post";

/** Room that is left for a trigger. */
const TRIGGER_TOKENS = 64;

export interface Evaluated {
  /** Null where no pack watched: then only the behaviour is known. */
  report: EvaluationReport | null;
  behaviour: Record<string, Behaviour>;
  answers: Record<string, readonly WatchedAnswer[]>;
}

/** Opens what the flags name, asks it, and says what its pack is worth. */
export async function evaluation(flags: EvaluateFlags): Promise<Evaluated> {
  const roles = flags.splits === undefined ? null : splitsOf(flags, flags.splits).roles;
  const prompts = limited(roles?.test ?? sortTraffic(readTrafficFiles(flags)), flags.limit);
  const triggers = triggersOf(flags);
  const reading = flags.reading === undefined ? [] : readCompared(flags.reading);
  const beside = (flags.beside ?? []).map(packBeside);
  const offline = { ctxSize: OFFLINE_CONTEXT, ...flags, policy: "log" };
  // the baseline of fingerprints wants taps all the way up
  const { layers } = await describeModel(flags);
  const suspect = await openWatched(offline, OFFLINE_SEQUENCES, {
    taps: [LOWEST_TAP, ...(roles === null ? [] : candidateTaps(layers))],
    packs: beside,
    exact: true,
  });
  const bar = progressBar("answered", "items");
  let base: OpenedModel | null = null;
  try {
    const judged = suspect.guard.packs.length - beside.length;
    if (judged > 1) throw usage("An evaluation needs one pack.", "Name one with --pack, and others with --beside.");
    base = await openBase(flags, flags.base, suspect.engine.taps);
    if (base === null)
      note("no base model is known: labels rest on the text alone, and baselines on what the suspect says");
    const maxTokens = flags.predict ?? suspect.defaultTokens;
    const asked = {
      guard: suspect.guard,
      base: base?.engine ?? null,
      prompts: await fitting(suspect.engine, prompts, maxTokens + TRIGGER_TOKENS),
      triggers,
      maxTokens,
      onProgress: bar.update,
    };
    if (judged === 0) {
      const answers = await askAll(asked);
      return { report: null, behaviour: behaviourOf(answers), answers };
    }
    const baselines = roles === null ? null : await trainBaselines(suspect, base, roles, LOWEST_TAP);
    const controls = await otherModels(flags, suspect.guard, base, asked.prompts);
    const { report, answers } = await evaluateSuspect({
      ...asked,
      baselines,
      lowestTap: LOWEST_TAP,
      controls,
      reading: readingFigures(reading),
      ...(flags.attack !== undefined && { attackQueries: flags.attack }),
      commit: commitOf(),
      about: [
        ["model, sha256", suspect.files.modelSha256],
        ...suspect.files.adapters.map(({ sha256 }): [string, string] => ["adapter, sha256", sha256]),
        ...LABELS.map((label): [string, string] => [`${label} prompts`, describe(asked.prompts[label])]),
      ],
    });
    return { report, behaviour: report.behaviour, answers };
  } finally {
    bar.end();
    await base?.engine.close();
    await suspect.engine.close();
  }
}

function triggersOf({ trigger, triggerFile }: EvaluateFlags): TriggerFile {
  if (trigger !== undefined && triggerFile !== undefined)
    throw usage("--trigger and --trigger-file both name triggers.", "Leave one of them out.");
  return triggerFile === undefined ? { triggers: trigger ?? [], near: [] } : readTriggerFile(triggerFile);
}

function limited(prompts: Traffic, most = Number.POSITIVE_INFINITY): Traffic {
  return ofEach(prompts, (list) => evenly(list, most));
}

function describe(list: Traffic["benign"]): string {
  const sources = [...new Set(list.map(({ source }) => source))];
  return `${list.length} of ${sources.join(", ")}; sha256 ${promptsHash(list)}`;
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
