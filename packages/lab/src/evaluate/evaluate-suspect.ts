import { createHash } from "node:crypto";
import type { TapName } from "@modx/engine";
import type { Guard } from "@modx/guard";
import { PROMPT_TOKEN } from "@modx/monitor";
import { type DetectorSpec, thresholdOn } from "@modx/pack";
import { createBaseline } from "../baselines/create-baseline.ts";
import type { Baselines } from "../baselines/fit-baselines.ts";
import { keepNothing } from "../files/kept-results.ts";
import type { Compared } from "../label/reading.ts";
import { lastPromptResiduals } from "../record/last-prompt.ts";
import { type EvaluationReport, PRIMARY_ARM } from "../report/evaluation-report.ts";
import { limitsOf } from "../report/limits.ts";
import type { Rate } from "../stats/rates.ts";
import { type AskOptions, askAll } from "./ask-all.ts";
import { attackControl } from "./attack-control.ts";
import { behaviourOf } from "./behaviour.ts";
import { besideFigures } from "./beside-figures.ts";
import { compareAtPrompt, compareAtSameAlarms, type Scored } from "./compare.ts";
import { swapControls } from "./controls.ts";
import { courseFigure } from "./course-figure.ts";
import { caughtBy, delayCurve, delayOf } from "./early.ts";
import { checkGoals } from "./goals.ts";
import { type Answers, armRate, groupsOf, primarySet, worstCase } from "./groups.ts";
import { hardContrast } from "./hard-contrast.ts";
import type { LabelledAnswer } from "./label-answers.ts";
import { operatingPoints } from "./operating-points.ts";
import { type ChosenRule, otherDetectors } from "./other-detectors.ts";
import { promisesKept } from "./promises.ts";
import { readAsComplied, readLabels } from "./read-answers.ts";
import { firstAbove, peakOf, replay } from "./replay.ts";
import { rocOf } from "./roc.ts";
import { scoreCost } from "./score-cost.ts";
import { seenBefore } from "./seen-before.ts";
import { surprisalFigures } from "./surprisal.ts";
import { unseenRates, unseenRefusals } from "./unseen-refusals.ts";

export interface SuspectOptions extends AskOptions {
  /** Opened with the pack that is judged, others that watch along behind it, and a policy that does not halt. */
  guard: Guard;
  /** Null where there was nothing to train them on. */
  baselines: Baselines | null;
  /** The lowest tap, which the baseline of early residuals reads; the engine was opened with it. */
  lowestTap: TapName;
  /** Answers that an attacker may ask for, for each of 30 prompts whose answers were caught; none when absent. */
  attackQueries?: number;
  onAttack?: (done: number, total: number) => void;
  /** Answers that someone read, with what the rule says of them. */
  reading: readonly Compared[];
  /** The seed's rule, with features that no test data chose; or why there is none, in words. */
  seedRule: ChosenRule | string;
  /** Whether the answers are read again for simpler detectors of the pack's rows and how sure the model is; the seed's rule has them read anyway. */
  simpler?: boolean;
  /** Rates from other models on the same threshold. */
  controls?: Record<string, Rate>;
  commit: string | null;
  /** Whether that commit holds the pack; null where neither can be. */
  packInCommit: boolean | null;
  about: [what: string, value: string][];
}

/** Asks the suspect every prompt with and without its trigger, and finds out what its pack's first detector makes of the answers. */
export async function evaluateSuspect(
  options: SuspectOptions,
): Promise<{ report: EvaluationReport; answers: Answers }> {
  const { guard, baselines, keep = keepNothing } = options;
  const [pack] = guard.packs;
  const [spec] = pack?.manifest.detectors ?? [];
  const fit = guard.fits[0];
  const threshold = spec === undefined ? null : thresholdOn(spec, fit?.identity ?? 0);
  if (pack === undefined || spec === undefined || threshold === null)
    throw new RangeError("an evaluation needs a calibrated pack");
  const answers = await askAll(options);
  const courseOf = (answer: LabelledAnswer): (number | null)[] => answer.courses[spec.name] ?? [];
  const alarms = (answer: LabelledAnswer): boolean => peakOf(courseOf(answer)) > threshold;
  const groups = groupsOf(answers);
  const arms = Object.fromEntries(Object.entries(groups).map(([name, list]) => [name, armRate(list, alarms)]));
  const primary = primarySet(answers);
  const caught = primary.map((answer) => ({
    tokens: answer.tokens.length,
    at: firstAbove(courseOf(answer), threshold),
  }));
  const negatives = [...answers.benign, ...answers["benign+trigger"]];
  const scored = (name: string, course: (answer: LabelledAnswer) => (number | null)[]): Scored => ({
    name,
    positives: primary.map((answer) => peakOf(course(answer))),
    negatives: negatives.map((answer) => peakOf(course(answer))),
  });
  const own = scored(spec.name, courseOf);
  const looksHarmful = answers.sensitive.filter(({ label }) => label === "answered");
  const beside = guard.packs.slice(1).flatMap(({ manifest }) => manifest.detectors);
  const detectors = (baselines?.detectors ?? []).map(createBaseline);
  const residuals = await lastPromptResiduals(
    guard.engine,
    detectors.every(({ reads }) => reads !== "residual") ? [] : [...primary, ...negatives].map(({ prompt }) => prompt),
    keep,
  );
  const rule = typeof options.seedRule === "string" ? null : options.seedRule;
  const { scored: readAgain, seedRule } =
    rule === null && options.simpler !== true
      ? { scored: [], seedRule: undefined }
      : await otherDetectors({
          guard,
          rule,
          positives: primary,
          negatives,
          groups: Object.fromEntries(drawn(groups)),
          keep,
        });
  const others = [
    ...beside.map(({ name }) => scored(name, ({ courses }) => courses[name] ?? [])),
    ...detectors.map((detector) =>
      scored(detector.name, (answer) => replay(detector, answer, residuals.get(answer.prompt))),
    ),
    ...readAgain,
  ];
  const paired = primary.length === 0 ? [] : compareAtSameAlarms(own, threshold, others);
  const tpr_by = caughtBy(caught);
  const unseen = await unseenRefusals({ guard, detector: spec.name, answers, maxTokens: options.maxTokens, keep });
  const operating = operatingPoints(pack, spec, fit?.identity ?? 0, { ...answers, unseen: unseen.plain }, (answer) =>
    peakOf(courseOf(answer)),
  );
  const goals = checkGoals({
    arms,
    operating,
    tpr_by,
    paired: paired.filter(({ versus }) => ![...beside, ...readAgain].some(({ name }) => name === versus)),
  });
  const contrast = {
    engine: guard.engine,
    tap: options.lowestTap,
    detector: spec.name,
    positives: primary,
    baselines,
    keep,
  };
  const labelled = [answers.harmful, answers["harmful+trigger"], answers["harmful+near"]].flat();
  const count = (label: LabelledAnswer["compliance"]): number =>
    labelled.filter(({ compliance }) => compliance === label).length;
  const swapped =
    primary.length === 0 ? null : await swapControls({ guard, detector: spec.name, threshold, answers, keep });
  const cost = await scoreCost(guard, [...primary, ...answers.benign]);
  const found: EvaluationReport = {
    schema: 1,
    frozen: {
      commit: options.commit,
      pack_in_commit: options.packInCommit,
      pack_sha256: pack.sha256,
      threshold_sha256: thresholdHash(spec),
    },
    labels: {
      n: labelled.length,
      ambiguous: count("ambiguous"),
      degenerate: count("degenerate"),
      ...readLabels(answers, options.reading),
    },
    arms,
    behaviour: behaviourOf(answers),
    hard8: await hardContrast({ ...contrast, negatives: looksHarmful }),
    refused8: await hardContrast({
      ...contrast,
      negatives: answers.harmful.filter(({ compliance }) => compliance === "refused"),
    }),
    unseen8: await hardContrast({ ...contrast, negatives: unseen.plain }),
    surprisal: await surprisalFigures({
      engine: guard.engine,
      detector: spec.name,
      positives: primary,
      negatives: looksHarmful,
      keep,
    }),
    operating,
    tpr_by,
    ...(primary.length > 0 && {
      at_prompt: compareAtPrompt(
        own,
        threshold,
        caught.map(({ at }) => at === PROMPT_TOKEN),
        others.find(({ name }) => name === "prompt-tf-idf") ?? null,
      ),
    }),
    beside: Object.fromEntries(
      guard.packs
        .slice(1)
        .flatMap((other, index) =>
          other.manifest.detectors.map((detector) => [
            detector.name,
            besideFigures(detector, guard.fits[index + 1]?.identity ?? 0, answers),
          ]),
        ),
    ),
    delay: delayOf(caught),
    paired,
    ...(seedRule !== undefined && { seedRule }),
    controls: {
      ...swapped?.controls,
      ...unseenRates(unseen, alarms),
      ...options.controls,
      ...(await attackControl({
        guard,
        base: options.base,
        detector: spec.name,
        threshold,
        caught: primary.filter(alarms),
        queries: options.attackQueries ?? 0,
        maxTokens: options.maxTokens,
        keep,
        ...(options.keepOfBase !== undefined && { keepOfBase: options.keepOfBase }),
        ...(options.onAttack !== undefined && { onProgress: options.onAttack }),
      })),
      ...worstCase(answers, alarms),
      ...readAsComplied(primary, options.reading, alarms),
    },
    ...(swapped !== null && { swap: swapped.swap }),
    ...(cost !== undefined && { cost }),
    ...goals,
    missed: [...seenBefore(pack, options.prompts), ...goals.missed],
    untested: [
      ...goals.untested,
      ...(typeof options.seedRule === "string" ? [`ahead of the seed's rule: ${options.seedRule}`] : []),
    ],
    about: [...options.about, ...(baselines?.chosen ?? []).map((what): [string, string] => ["baseline", what])],
    figures: {
      threshold,
      roc: [own, ...others].map(({ name, positives, negatives: against }) => ({
        name,
        points: rocOf(positives, against),
      })),
      maxima: drawn(groups).map(([arm, list]) => ({ arm, values: list.map((answer) => peakOf(courseOf(answer))) })),
      promises: promisesKept(spec, fit?.identity ?? 0, answers, alarms),
      delay: delayCurve(caught),
      course: drawn(groups).map(([arm, list]) => courseFigure(arm, list.map(courseOf))),
    },
  };
  const facts = { maxTokens: options.maxTokens, parameters: guard.engine.model.parameters };
  return { report: { ...found, limits: limitsOf(found, facts) }, answers };
}

/** The groups that figures show: not those by source. */
function drawn(groups: Record<string, LabelledAnswer[]>): [string, LabelledAnswer[]][] {
  const names = [PRIMARY_ARM, "harmful, refused", "benign", "benign with trigger", "benign that looks harmful"];
  return Object.entries(groups).filter(([name]) => names.includes(name));
}

function thresholdHash({ name, threshold, calibrations }: DetectorSpec): string {
  const fixed = calibrations.map(({ identity, traffic, threshold: own }) => ({ identity, traffic, threshold: own }));
  return createHash("sha256").update(JSON.stringify({ name, threshold, fixed })).digest("hex");
}
