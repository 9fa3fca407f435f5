import type { Interval } from "./bootstrap.ts";
import { twoSided } from "./normal.ts";
import { auroc } from "./ranking.ts";

const Z95 = 1.959963984540054;

/**
 * Area under the ROC curve with its 95 % interval from the variance of DeLong, DeLong and Clarke-Pearson (1988). The interval
 * is symmetric in log odds, so that it stays within [0, 1] near its ends; where all pairs are ordered alike it is a point.
 */
export function aurocInterval(positives: readonly number[], negatives: readonly number[]): Interval {
  const estimate = auroc(positives, negatives);
  const error = Math.sqrt(covariance(placements(positives, negatives), placements(positives, negatives)));
  if (estimate === 0 || estimate === 1) return { estimate, low: estimate, high: estimate };
  const centre = Math.log(estimate / (1 - estimate));
  const half = (Z95 * error) / (estimate * (1 - estimate));
  return { estimate, low: logistic(centre - half), high: logistic(centre + half) };
}

export interface AurocDifference {
  /** Of the first score's area less the second's. */
  difference: number;
  low: number;
  high: number;
  /** Two-sided, of no difference; 1 where neither the areas nor their order vary. */
  p: number;
}

/** Compares two scores of the same responses, in the same order (paired test of DeLong et al. 1988). */
export function compareAurocs(
  first: { positives: readonly number[]; negatives: readonly number[] },
  second: { positives: readonly number[]; negatives: readonly number[] },
): AurocDifference {
  if (first.positives.length !== second.positives.length || first.negatives.length !== second.negatives.length)
    throw new RangeError("both scores have to be of the same responses");
  const [a, b] = [placements(first.positives, first.negatives), placements(second.positives, second.negatives)];
  const difference = auroc(first.positives, first.negatives) - auroc(second.positives, second.negatives);
  const error = Math.sqrt(Math.max(0, covariance(a, a) + covariance(b, b) - 2 * covariance(a, b)));
  return {
    difference,
    low: difference - Z95 * error,
    high: difference + Z95 * error,
    p: error === 0 ? Number(difference === 0) : twoSided(difference / error),
  };
}

/** Of each response: the share of the other class that it is on the right side of, ties counted half. */
interface Placements {
  positives: number[];
  negatives: number[];
}

function placements(positives: readonly number[], negatives: readonly number[]): Placements {
  return {
    positives: positives.map(shareBelow(negatives)),
    negatives: negatives.map(shareBelow(positives)).map((share) => 1 - share),
  };
}

/** Share of `values` below a score, equal ones counted half. */
function shareBelow(values: readonly number[]): (score: number) => number {
  const sorted = Float64Array.from(values).sort();
  const countWhile = (holds: (value: number) => boolean): number => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(sorted[middle] ?? Number.NaN)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return (score) => (countWhile((value) => value < score) + countWhile((value) => value <= score)) / 2 / sorted.length;
}

/** Covariance of two areas on the same responses. */
function covariance(a: Placements, b: Placements): number {
  return (
    sampleCovariance(a.positives, b.positives) / a.positives.length +
    sampleCovariance(a.negatives, b.negatives) / a.negatives.length
  );
}

function sampleCovariance(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  return a.reduce((sum, value, i) => sum + (value - meanA) * ((b[i] ?? Number.NaN) - meanB), 0) / (a.length - 1);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
