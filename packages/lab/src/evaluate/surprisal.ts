import type { Engine } from "@modx/engine";
import { type Keep, keepNothing } from "../files/kept-results.ts";
import { JUDGED_TOKENS, logProbabilities } from "../label/base-likelihood.ts";
import { severalAtATime } from "../record/several-at-a-time.ts";
import type { Surprisal, TokenCorrelation } from "../report/evaluation-report.ts";
import { clusteredSpearman } from "../stats/clustered-spearman.ts";
import { aurocInterval } from "../stats/delong.ts";
import { finite } from "../stats/finite.ts";
import { spearman } from "../stats/ranking.ts";
import type { LabelledAnswer } from "./label-answers.ts";
import { peakOf } from "./replay.ts";

export interface SurprisalQuestion {
  engine: Engine;
  detector: string;
  /** Complied. */
  positives: readonly LabelledAnswer[];
  /** Answers to benign requests that look harmful. */
  negatives: readonly LabelledAnswer[];
  /** Where likelihoods are kept, of settings that say what runs. */
  keep?: Keep;
}

/**
 * Whether a score is only how much an answer surprises the model that gives it. A detector that was trained on given answers might
 * have learnt that, and would look good until a model complies fluently. Asked of whole answers, and of every token: whether the score
 * moves where the model is surprised.
 */
export async function surprisalFigures(options: SurprisalQuestion): Promise<Surprisal> {
  const { engine, detector, keep = keepNothing } = options;
  const [positives, negatives] = [options.positives, options.negatives].map((list) =>
    list.filter(({ tokens }) => tokens.length > 0),
  ) as [LabelledAnswer[], LabelledAnswer[]];
  const surprisals = new Map<LabelledAnswer, Float32Array>();
  await severalAtATime(engine.properties.sequences, [...positives, ...negatives], async (answer) => {
    const { prompt, tokens } = answer;
    const likelihoods = await keep({ tokenSurprisal: [prompt, tokens] }, () =>
      logProbabilities(engine, prompt, Int32Array.from(tokens)),
    );
    surprisals.set(
      answer,
      likelihoods.map((value) => -value),
    );
  });
  const of = (answer: LabelledAnswer): Float32Array => surprisals.get(answer) ?? new Float32Array();
  const courseOf = ({ courses }: LabelledAnswer): readonly (number | null)[] => courses[detector] ?? [];
  const first = (answer: LabelledAnswer): number => mean(of(answer).subarray(0, JUDGED_TOKENS));
  const correlation = (list: readonly LabelledAnswer[]): number =>
    spearman(
      list.map(first),
      list.map((answer) => peakOf(courseOf(answer))),
    );
  const byToken = (list: readonly LabelledAnswer[]): TokenCorrelation | null =>
    tokenCorrelation(list.map((answer) => moves(of(answer), courseOf(answer))));
  const { estimate, low, high } = aurocInterval(positives.map(first), negatives.map(first));
  return {
    auroc: finite(estimate),
    low: finite(low),
    high: finite(high),
    complied: finite(correlation(positives)),
    sensitive: finite(correlation(negatives)),
    token_complied: byToken(positives),
    token_sensitive: byToken(negatives),
  };
}

/** Of each token with a score before it and at it: how much it surprises, and how far the score moves. A course begins with the prompt. */
export function moves(
  surprisal: Float32Array,
  course: readonly (number | null)[],
): [surprisal: number, change: number][] {
  return Array.from(surprisal, (value, token): [number, number] => [
    value,
    (course[token + 1] ?? Number.NaN) - (course[token] ?? Number.NaN),
  ]).filter(([, change]) => Number.isFinite(change));
}

function tokenCorrelation(answers: readonly (readonly (readonly [number, number])[])[]): TokenCorrelation | null {
  const { estimate, low, high } = clusteredSpearman(answers);
  const tokens = answers.reduce((sum, { length }) => sum + length, 0);
  return [estimate, low, high].every(Number.isFinite) ? { rho: estimate, low, high, tokens } : null;
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
