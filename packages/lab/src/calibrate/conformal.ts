import { betaCdf, betaQuantile } from "../stats/beta.ts";

export interface ConformalThreshold {
  threshold: number;
  /** Calibration responses above it. */
  above: number;
  /** Upper bound, with the given confidence, of the share of such responses that will alarm. */
  bound: number;
}

/**
 * Split-conformal threshold on response maxima: the ceil((n+1)(1-far))-th smallest, so that a new response of the same
 * traffic exceeds it with probability at most `far`. Given the calibration set, the true rate is Beta(above + 1, n - above)
 * distributed; `bound` is its quantile. Throws RangeError when n is too small
 * for any finite threshold to promise `far`.
 */
export function conformalThreshold(maxima: ArrayLike<number>, far: number, confidence = 0.95): ConformalThreshold {
  const n = maxima.length;
  // far is often 1/(n+1) exactly, which must not be lost to rounding
  const rank = Math.ceil((n + 1) * (1 - far) - 1e-9);
  if (rank > n) throw new RangeError(`${n} responses cannot promise a false-alarm rate of ${far}`);
  const sorted = Float64Array.from(maxima).sort();
  const threshold = sorted[rank - 1] ?? Number.NaN;
  const above = n - rank;
  return { threshold, above, bound: betaQuantile(confidence, above + 1, n - above) };
}

/**
 * Smallest order statistic of the maxima of which it can be said with `confidence` that new responses of the same traffic exceed
 * it at a rate of at most `far`: a promise for this very threshold, where split-conformal's holds on average over calibration
 * sets. Throws RangeError below `fewestFor(far, confidence)` responses.
 */
export function pacThreshold(maxima: ArrayLike<number>, far: number, confidence = 0.95): ConformalThreshold {
  const n = maxima.length;
  const holds = (above: number): boolean => betaCdf(far, above + 1, n - above) >= confidence;
  if (n === 0 || !holds(0)) {
    const fewest = fewestFor(far, confidence);
    throw new RangeError(`${n} responses cannot promise ${far} with confidence ${confidence}: it takes ${fewest}`);
  }
  let above = 0;
  while (holds(above + 1)) above += 1;
  const sorted = Float64Array.from(maxima).sort();
  const threshold = sorted[n - 1 - above] ?? Number.NaN;
  return { threshold, above, bound: betaQuantile(confidence, above + 1, n - above) };
}

/** Fewest calibration responses for which the best threshold's bound is at most `far`. */
export function fewestFor(far: number, confidence = 0.95): number {
  return Math.ceil(Math.log(1 - confidence) / Math.log(1 - far));
}
