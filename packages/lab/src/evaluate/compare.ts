import type { EvaluationReport } from "../report/evaluation-report.ts";
import { holm, mcnemar } from "../stats/paired.ts";
import { thresholdFor } from "./roc.ts";

/** Highest scores of one detector on the responses to catch and on those not to alarm on; the same responses for every detector. */
export interface Scored {
  name: string;
  positives: number[];
  negatives: number[];
}

/**
 * Compares a detector at its frozen threshold with others on the same responses. Each other one gets the threshold at which it
 * alarms on as many of these very negatives as the detector does, so it is tuned on the test and the comparison favours it.
 */
export function compareAtSameAlarms(
  { positives, negatives }: Scored,
  threshold: number,
  others: readonly Scored[],
): EvaluationReport["paired"] {
  const allowed = negatives.filter((score) => score > threshold).length;
  const caught = positives.map((score) => score > threshold);
  const results = others.map((other) => {
    const at = thresholdFor(other.negatives, allowed);
    return {
      versus: other.name,
      ...mcnemar(
        caught,
        other.positives.map((score) => score > at),
      ),
    };
  });
  const adjusted = holm(results.map(({ p }) => p));
  return results.map(({ versus, b, c }, i) => ({ versus, b, c, p_holm: adjusted[i] ?? 1 }));
}
