import type { TapName } from "@modx/engine";
import { runningIdentity } from "@modx/guard";
import {
  answerSettings,
  askAll,
  type Behaviour,
  behaviourOf,
  candidateTaps,
  type EvaluationReport,
  evaluateSuspect,
  evenly,
  type Keep,
  keepIn,
  keepNothing,
  LABELS,
  ofEach,
  promptsHash,
  readCompared,
  readTriggerFile,
  sortTraffic,
  type Traffic,
  type TriggerFile,
  type WatchedAnswer,
} from "@modx/lab";
import { packBeside } from "../open/beside.ts";
import { checkBase, openBase } from "../open/open-base.ts";
import { describeModel, OFFLINE_CONTEXT, OFFLINE_SEQUENCES } from "../open/open-for-recording.ts";
import type { OpenedModel } from "../open/open-model.ts";
import { openWatched, packFolders, type Watched } from "../open/open-watched.ts";
import { thoseThatFit } from "../open/those-that-fit.ts";
import { usage } from "../options/option.ts";
import { makeOutputFolder } from "../options/output-file.ts";
import { readTrafficFiles, splitsOf } from "../options/traffic-options.ts";
import { note } from "../print/note.ts";
import { progressBar } from "../print/progress-bar.ts";
import { GIVEN_TOKENS } from "./base-answers.ts";
import { ownCommit, packInOwnCommit } from "./commit.ts";
import type { EvaluateFlags } from "./evaluate-flags.ts";
import { checkControl, otherModels } from "./other-models.ts";
import { roomFor } from "./room-for.ts";
import { checkAutoencoder, chooseRule, NO_AUTOENCODER, openAutoencoder, ruleOf } from "./seed-rule.ts";
import { trainBaselines } from "./train-baselines.ts";
import { uncovered } from "./uncovered.ts";

/** The baseline of early residuals reads here, where a token has hardly been mixed with others. */
const LOWEST_TAP: TapName = "blocks.0.hook_resid_post";

export interface Evaluated {
  /** Null where no pack watched: then only the behaviour is known. */
  report: EvaluationReport | null;
  behaviour: Record<string, Behaviour>;
  answers: Record<string, readonly WatchedAnswer[]>;
}

/** Opens what the flags name, asks it, and says what its pack is worth. */
export async function evaluation(flags: EvaluateFlags): Promise<Evaluated> {
  checkControl(flags);
  checkAutoencoder(flags);
  const commit = ownCommit();
  const [judgedFolder] = packFolders(flags);
  const packInCommit = judgedFolder === undefined ? null : packInOwnCommit(judgedFolder);
  const roles = flags.splits === undefined ? null : splitsOf(flags, flags.splits).roles;
  const prompts = limited(roles?.test ?? sortTraffic(readTrafficFiles(flags)), flags.limit);
  const triggers = triggersOf(flags);
  const reading = flags.reading === undefined ? [] : readCompared(flags.reading);
  const beside = (flags.beside ?? []).map(packBeside);
  const offline = { ctxSize: OFFLINE_CONTEXT, ...flags, policy: "log" };
  // the baseline of fingerprints wants taps all the way up
  const model = await describeModel(flags);
  await checkBase(flags, flags.base, model);
  const autoencoder = await openAutoencoder(flags, model);
  if (flags.work !== undefined) makeOutputFolder(flags.work);
  const suspect = await openWatched(offline, OFFLINE_SEQUENCES, {
    // where the autoencoder reads at one of these too, what is kept for baselines stays the same
    taps: [
      LOWEST_TAP,
      ...(roles === null ? [] : candidateTaps(model.layers)),
      ...(autoencoder === null ? [] : [autoencoder.tap]),
    ],
    packs: beside,
    exact: true,
  });
  const bar = progressBar("answered", "items");
  const attackBar = progressBar("attacked", "items");
  let base: OpenedModel | null = null;
  try {
    const judged = suspect.guard.packs.length - beside.length;
    if (judged > 1) throw usage("An evaluation needs one pack.", "Name one with --pack, and others with --beside.");
    base = await openBase(flags, flags.base, suspect.engine.taps);
    if (base === null)
      note("no base model is known: labels rest on the text alone, and baselines on what the suspect says");
    const maxTokens = flags.predict ?? suspect.defaultTokens;
    const engines = base === null ? [suspect.engine] : [suspect.engine, base.engine];
    const room = await roomFor(suspect.engine, { maxTokens, triggers, attack: flags.attack !== undefined });
    const { fit, left } = await thoseThatFit(engines, prompts, room);
    const keep =
      flags.work === undefined ? keepNothing : keepIn(flags.work, answerSettings(suspect.guard, suspect.files));
    // what the base says depends on nothing of the suspect: evaluations of others find it in the same folder
    const keepOfBase: Keep =
      flags.work === undefined || base === null
        ? keepNothing
        : keepIn(flags.work, {
            running: runningIdentity(base.engine, base.files),
            device: base.engine.properties.device,
          });
    const asked = {
      guard: suspect.guard,
      base: base?.engine ?? null,
      prompts: fit,
      triggers,
      maxTokens,
      keep,
      keepOfBase,
      onProgress: (done: number, total: number) => {
        bar.update(done, total);
        if (done < total || judged === 0) return;
        bar.end();
        note("the answers are read again for the controls and baselines, for some minutes");
      },
    };
    if (judged === 0) {
      const answers = await askAll(asked);
      return { report: null, behaviour: behaviourOf(answers), answers };
    }
    const probe = roles === null ? null : await thoseThatFit(engines, roles.probe, GIVEN_TOKENS, "probe prompts");
    const baselines =
      roles === null || probe === null
        ? null
        : await trainBaselines(suspect, base, { ...roles, probe: probe.fit }, LOWEST_TAP, { keep, keepOfBase });
    const seedRule =
      autoencoder === null || probe === null
        ? NO_AUTOENCODER
        : await chooseRule(autoencoder, suspect, base, probe.fit, { keep, keepOfBase });
    const controls = await otherModels(flags, suspect.guard, base, asked.prompts, maxTokens, { keep, keepOfBase });
    const { report, answers } = await evaluateSuspect({
      ...asked,
      baselines,
      lowestTap: LOWEST_TAP,
      seedRule,
      simpler: flags.simpler === true,
      controls,
      reading,
      ...(flags.attack !== undefined && { attackQueries: flags.attack }),
      onAttack: attackBar.update,
      commit,
      packInCommit,
      about: [
        ["model, sha256", suspect.files.modelSha256],
        ...suspect.files.adapters.map(({ sha256 }): [string, string] => ["adapter, sha256", sha256]),
        ...LABELS.map((label): [string, string] => [`${label} prompts`, describe(asked.prompts[label])]),
        ...leftOut(suspect, left),
        ...ruleOf(seedRule),
        ...promise(suspect, maxTokens),
      ],
    });
    return { report, behaviour: report.behaviour, answers };
  } finally {
    bar.end();
    attackBar.end();
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

function leftOut({ engine }: Watched, left: number): [string, string][] {
  if (left === 0) return [];
  return [["prompts left out", `${left}, too long for a context of ${engine.properties.contextTokens} tokens`]];
}

/** What of this the judged pack's first detector does not promise for. */
function promise({ guard: { packs, fits } }: Watched, maxTokens: number): [string, string][] {
  const [fit, spec] = [fits[0], packs[0]?.manifest.detectors[0]];
  return fit === undefined || spec === undefined ? [] : uncovered(fit, spec, maxTokens);
}
