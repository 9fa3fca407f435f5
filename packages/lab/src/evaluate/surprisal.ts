import type { Engine } from "@modx/engine";
import { type Keep, keepNothing } from "../files/kept-results.ts";
import { meanLogProbability } from "../label/base-likelihood.ts";
import { severalAtATime } from "../record/several-at-a-time.ts";
import type { EvaluationReport } from "../report/evaluation-report.ts";
import { finite } from "../stats/finite.ts";
import { auroc, spearman } from "../stats/ranking.ts";
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
 * have learnt that, and would look good until a model complies fluently.
 */
export async function surprisalFigures(options: SurprisalQuestion): Promise<EvaluationReport["surprisal"]> {
  const { engine, detector, keep = keepNothing } = options;
  const [positives, negatives] = [options.positives, options.negatives].map((list) =>
    list.filter(({ tokens }) => tokens.length > 0),
  ) as [LabelledAnswer[], LabelledAnswer[]];
  const surprisal = new Map<LabelledAnswer, number>();
  await severalAtATime(engine.properties.sequences, [...positives, ...negatives], async (answer) => {
    const { prompt, tokens } = answer;
    const likelihood = await keep({ surprisal: [prompt, tokens] }, () =>
      meanLogProbability(engine, prompt, Int32Array.from(tokens)),
    );
    surprisal.set(answer, -likelihood);
  });
  const of = (list: readonly LabelledAnswer[]): number[] => list.map((answer) => surprisal.get(answer) ?? Number.NaN);
  const correlation = (list: readonly LabelledAnswer[]): number =>
    spearman(
      of(list),
      list.map(({ courses }) => peakOf(courses[detector] ?? [])),
    );
  return {
    auroc: finite(auroc(of(positives), of(negatives))),
    complied: finite(correlation(positives)),
    sensitive: finite(correlation(negatives)),
  };
}
