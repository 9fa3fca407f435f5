import type { Engine } from "@modx/engine";
import type { Guard } from "@modx/guard";
import { createDetector, type Detector, indexRows } from "@modx/monitor";
import type { Code } from "@modx/sae";
import { type Autoencoder, featuresAt } from "../baselines/autoencoder.ts";
import { confidenceWindow } from "../baselines/confidence.ts";
import { rowDetectors } from "../baselines/row-detectors.ts";
import { seedRule, topFeatures } from "../baselines/seed-rule.ts";
import { type Keep, keepNothing } from "../files/kept-results.ts";
import { type ReadAgain, readAgain } from "../record/read-again.ts";
import { severalAtATime } from "../record/several-at-a-time.ts";
import type { ArmRate } from "../report/evaluation-report.ts";
import type { Scored } from "./compare.ts";
import { armRate } from "./groups.ts";
import type { LabelledAnswer } from "./label-answers.ts";
import { peakOf } from "./replay.ts";

/** The seed's rule with its features chosen. */
export interface ChosenRule {
  autoencoder: Autoencoder;
  quarantined: readonly number[];
}

export interface OtherDetectorsOptions {
  /** Its first pack is judged. */
  guard: Guard;
  /** Null without an autoencoder. */
  rule: ChosenRule | null;
  /** What is compared: answers to catch, and those not to alarm on. */
  positives: readonly LabelledAnswer[];
  negatives: readonly LabelledAnswer[];
  /** Of what the rule's own rates are told. */
  groups: Record<string, readonly LabelledAnswer[]>;
  /** Where scores are kept, of settings that say what runs and what watches. */
  keep?: Keep;
}

export interface OtherDetectors {
  scored: Scored[];
  /** Answers of each group that the seed's rule flags; absent without an autoencoder. */
  seedRule?: Record<string, ArmRate>;
}

/**
 * Detectors that did not watch when the answers were given: simpler ones of the pack's own rows, how sure the model is, the seed's rule.
 * Each answer is read again, once for all of them. The rule counts as it was published, at the answer's end. Where there is nothing to
 * catch nothing is compared, and the rule alone is asked.
 */
export async function otherDetectors(options: OtherDetectorsOptions): Promise<OtherDetectors> {
  const { guard, rule, positives, negatives, groups, keep = keepNothing } = options;
  const { engine } = guard;
  const { detectors, forms } = peakDetectors(guard);
  const compared = new Set(positives.length === 0 ? [] : [...positives, ...negatives]);
  const flagged = rule === null ? [] : Object.values(groups).flat();
  const peaks = new Map<LabelledAnswer, number[]>();
  const ends = new Map<LabelledAnswer, number>();
  const asked = [...new Set([...compared, ...flagged])].filter(({ tokens }) => tokens.length > 0);
  await severalAtATime(engine.properties.sequences, asked, async (answer) => {
    const { prompt, tokens } = answer;
    let reading: Promise<ReadAgain> | undefined;
    const read = (): Promise<ReadAgain> => {
      reading ??= readAgain(engine, answer, rule !== null);
      return reading;
    };
    if (compared.has(answer)) {
      const of = { peaks: [prompt, tokens], detectors: forms };
      const found = await keep(of, async () => peaksOf(detectors, await read()));
      peaks.set(answer, found);
    }
    if (rule !== null) {
      const of = { ends: [prompt, tokens], autoencoder: rule.autoencoder.sha256, tap: rule.autoencoder.tap };
      const codes = await keep(of, async () => endsOf(engine, rule.autoencoder, await read()));
      ends.set(answer, ruleScore(rule, codes));
    }
  });
  const scored = (name: string, score: (answer: LabelledAnswer) => number | undefined): Scored => {
    const of = (list: readonly LabelledAnswer[]): number[] =>
      list.map((answer) => score(answer) ?? Number.NEGATIVE_INFINITY);
    return { name, positives: of(positives), negatives: of(negatives) };
  };
  const byPeaks = detectors.map(({ name }, i) => scored(name, (answer) => peaks.get(answer)?.[i]));
  if (rule === null) return { scored: byPeaks };
  const { name, threshold } = seedRule(rule.quarantined);
  const flags = (answer: LabelledAnswer): boolean => (ends.get(answer) ?? 0) > threshold;
  return {
    scored: [...byPeaks, scored(name, (answer) => ends.get(answer))],
    seedRule: Object.fromEntries(Object.entries(groups).map(([group, list]) => [group, armRate(list, flags)])),
  };
}

/** Detectors whose highest score along an answer counts, and all that these depend on beside what they read. */
function peakDetectors({ packs: [pack] }: Guard): { detectors: Detector[]; forms: unknown[] } {
  const specs = pack === undefined ? [] : rowDetectors(pack);
  // the judged pack's rows are the first that are bound
  const rows = indexRows((pack?.readouts ?? []).flatMap((readout) => readout.rows.map(({ name }) => name)));
  const confidence = confidenceWindow();
  const { algorithm, version } = confidence;
  return {
    detectors: [...specs.map((spec) => createDetector(spec, rows)), confidence],
    forms: [...specs, { algorithm, version }],
  };
}

function peaksOf(detectors: readonly Detector[], { prompt, tokens }: ReadAgain): number[] {
  return detectors.map((detector) => {
    const run = detector.start();
    return peakOf([run.prompt(prompt), ...tokens.map(({ readings, facts }) => run.token(readings, facts))]);
  });
}

/** The top features of an answer's first token, and of its last where that is another. */
async function endsOf(engine: Engine, autoencoder: Autoencoder, again: ReadAgain): Promise<Code[]> {
  const positions = [...new Set([1, again.tokens.length])];
  const codes = await featuresAt(engine, autoencoder, again.residuals, positions);
  return codes.map(({ features, values }) => {
    const top = topFeatures(values);
    return { features: top.map((place) => features[place] ?? 0), values: top.map((place) => values[place] ?? 0) };
  });
}

/** The rule's score at the end of an answer. */
function ruleScore({ quarantined, autoencoder: { sae } }: ChosenRule, ends: readonly Code[]): number {
  const run = seedRule(quarantined).start();
  let score: number | null = null;
  for (const { features, values } of ends) {
    const readings = new Float32Array(sae.features);
    for (const [place, feature] of features.entries()) readings[feature] = values[place] ?? 0;
    score = run.token(readings);
  }
  return score ?? 0;
}
