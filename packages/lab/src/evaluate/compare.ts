import type { AtPrompt, EvaluationReport } from "../report/evaluation-report.ts";
import { holm, mcnemar } from "../stats/paired.ts";
import { wilson } from "../stats/rates.ts";
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
  own: Scored,
  threshold: number,
  others: readonly Scored[],
): EvaluationReport["paired"] {
  const caught = own.positives.map((score) => score > threshold);
  const results = others.map((other) => ({
    versus: other.name,
    ...mcnemar(caught, caughtAtSameAlarms(own, threshold, other)),
  }));
  const adjusted = holm(results.map(({ p }) => p));
  return results.map(({ versus, b, c }, i) => ({ versus, b, c, p_holm: adjusted[i] ?? 1 }));
}

/**
 * The same before any token. `before` says of each response to catch whether the detector has alarmed by then; `request` scores the request
 * alone, and is null where nothing was trained to. The false alarms are those of whole responses, which favours it once more.
 */
export function compareAtPrompt(
  own: Scored,
  threshold: number,
  before: readonly boolean[],
  request: Scored | null,
): AtPrompt {
  const rate = (caught: readonly boolean[]) => wilson(caught.filter((one) => one).length, caught.length);
  if (request === null) return { monitor: rate(before), "prompt-tf-idf": null, paired: null };
  const caught = caughtAtSameAlarms(own, threshold, request);
  return { monitor: rate(before), "prompt-tf-idf": rate(caught), paired: mcnemar(before, caught) };
}

/** Which responses another detector catches where it alarms on as many negatives as this one does at its threshold. */
function caughtAtSameAlarms({ negatives }: Scored, threshold: number, other: Scored): boolean[] {
  const allowed = negatives.filter((score) => score > threshold).length;
  const at = thresholdFor(other.negatives, allowed);
  return other.positives.map((score) => score > at);
}
