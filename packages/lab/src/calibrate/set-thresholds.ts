import { ModxError } from "@modx/errors";
import type { Calibration, ClassMaxima, DetectorSpec } from "@modx/pack";
import { betaQuantile } from "../stats/beta.ts";
import { type ConformalThreshold, conformalThreshold, fewestFor, pacThreshold } from "./conformal.ts";
import { type MeasuredClass, sourcesAbove } from "./measured-class.ts";

/** The false-alarm rate that is promised for each class of traffic. */
export interface StatedRates {
  benign: number;
  refused: number;
  sensitive: number;
}

/** How firmly rates are promised. */
export interface PromiseOptions {
  rates: StatedRates;
  /** Confidence with which each rate holds for the very threshold that is set; null where it holds on average over calibrations. */
  confidence: number | null;
}

/** Response maxima of a class. Where it was calibrated before, with the promise that it keeps; otherwise it gets the options'. */
export interface StatedClass extends ClassMaxima {
  bySource?: MeasuredClass["bySource"];
  stated?: { rate: number; confidence: number | null };
}

/** Benign answers are what a model is for and refusals what a safe one says all day; what merely looks harmful is rarer. */
export const DEFAULT_RATES: StatedRates = { benign: 0.01, refused: 0.01, sensitive: 0.05 };

const DESCRIPTIONS: Record<keyof StatedRates, string> = {
  benign: "answers to benign requests; one turn, no system message, greedy",
  refused: "refusals of harmful requests; one turn, no system message, greedy",
  sensitive: "responses to benign requests that look harmful; one turn, no system message, greedy",
};

/**
 * Sets each detector's thresholds, one for each identity: the largest of the split-conformal thresholds of its classes of
 * traffic. Writes down what that promises. A class that is too small for its stated rate gets the smallest rate that it can bear; that,
 * classes of which there is nothing, and sources that alarm more than their class may are said in the remarks. With a confidence nothing
 * is bent: throws MODX_LAB_TOO_FEW.
 */
export function setThresholds(
  specs: readonly DetectorSpec[],
  measured: readonly StatedClass[],
  { rates, confidence }: PromiseOptions,
): { detectors: DetectorSpec[]; remarks: string[] } {
  const remarks: string[] = [];
  const detectors = specs.map((spec) => {
    const classes = measured.filter((one) => one.detector === spec.name);
    for (const traffic of Object.keys(rates)) {
      if (!classes.some((one) => one.traffic === traffic))
        remarks.push(`${spec.name}: nothing is promised for ${traffic} traffic, of which there are no responses`);
    }
    const lowest = lowestScores(classes);
    const results = classes.map((one) => {
      const { rate: stated, confidence: firmly } = one.stated ?? { rate: rates[one.traffic], confidence };
      if (firmly !== null) {
        checkEnough(one.traffic, one.maxima.length, stated, firmly);
        return { one, far: stated, firmly, result: reachable(pacThreshold(one.maxima, stated, firmly), one) };
      }
      const far = Math.max(stated, 1 / (one.maxima.length + 1));
      if (far > stated)
        remarks.push(
          `${spec.name}: ${one.maxima.length} ${one.traffic} responses cannot bear ${percent(stated)}; ${percent(far)} is stated`,
        );
      return { one, far, firmly, result: reachable(conformalThreshold(one.maxima, far), one) };
    });
    function reachable(result: ConformalThreshold, { identity }: ClassMaxima): ConformalThreshold {
      return { ...result, threshold: Math.max(result.threshold, lowest.get(identity) ?? result.threshold) };
    }
    const largest = (of: typeof results): number => Math.max(...of.map(({ result }) => result.threshold));
    const inForce = (identity: number): number => largest(results.filter(({ one }) => one.identity === identity));
    for (const { one, far } of results) {
      const above = one.bySource === undefined ? [] : sourcesAbove(one.bySource, inForce(one.identity), far);
      if (above.length > 0)
        remarks.push(
          `${spec.name}: at most ${percent(far)} of ${one.traffic} responses holds for the sources together; more alarm of ${above.join(", ")}`,
        );
    }
    const calibrations = results.map(({ one, far, firmly, result }): Calibration => {
      const threshold = inForce(one.identity);
      return {
        traffic: one.traffic,
        description: DESCRIPTIONS[one.traffic],
        sources: one.sources,
        identity: one.identity,
        n: one.maxima.length,
        farStated: far,
        ...(firmly !== null && { confidence: firmly }),
        threshold: result.threshold,
        farBound95: betaQuantile(0.95, result.above + 1, one.maxima.length - result.above),
        farInForce: one.maxima.filter((maximum) => maximum > threshold).length / one.maxima.length,
        length: one.length,
      };
    });
    return { ...spec, threshold: results.length === 0 ? null : largest(results), calibrations };
  });
  return { detectors, remarks };
}

/**
 * The lowest score that any response had, for each identity. A class whose responses all end before the first score, as short refusals
 * do, keeps any promise; its threshold is this one, which a score can reach. Throws MODX_LAB_TOO_FEW where no response had a score.
 */
function lowestScores(classes: readonly ClassMaxima[]): Map<number, number> {
  const lowest = new Map<number, number>();
  for (const { identity, maxima } of classes) {
    const least = maxima.find(Number.isFinite) ?? Number.POSITIVE_INFINITY;
    lowest.set(identity, Math.min(lowest.get(identity) ?? Number.POSITIVE_INFINITY, least));
  }
  if ([...lowest.values()].every(Number.isFinite)) return lowest;
  throw new ModxError("MODX_LAB_TOO_FEW", {
    what: "No response was long enough to have a score.",
    remedy: "Allow longer responses with -n, or give prompts that are answered at more length.",
  });
}

/** Throws MODX_LAB_TOO_FEW where `n` responses cannot bear a rate with a confidence. */
export function checkEnough(traffic: string, n: number, rate: number, confidence: number): void {
  const fewest = fewestFor(rate, confidence);
  if (n >= fewest) return;
  throw new ModxError("MODX_LAB_TOO_FEW", {
    what: `${n} ${traffic} responses cannot promise that at most ${percent(rate)} alarm with a confidence of ${percent(confidence)}: it takes ${fewest}.`,
    remedy: `Give more ${traffic === "refused" ? "harmful" : traffic} prompts, or state a higher rate or a lower confidence.`,
  });
}

function percent(rate: number): string {
  return `${(100 * rate).toFixed(2)} %`;
}
