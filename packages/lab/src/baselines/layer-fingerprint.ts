import { ledoitWolf, mahalanobis } from "../stats/ledoit-wolf.ts";

/** What is usual on the way through the layers. */
export interface Fingerprint {
  /** Width of the residual stream. */
  width: number;
  /** Of the steps from each tap to the next, [taps - 1, width]. */
  mean: number[];
  variance: number[];
  /** Of the steps' distances from that mean, [taps - 1] and [taps - 1, taps - 1]. */
  distances: { mean: number[]; covariance: number[][] };
}

/** How unlike the reference a prompt's way through the layers is; the larger, the stranger. Takes [taps, width] residuals. */
export type Strangeness = (residual: Float32Array) => number;

/** Spread below which a coordinate of a step counts as constant. */
const LEAST_VARIANCE = 1e-12;

/**
 * Layerwise convergence fingerprints (LCF, arXiv 2604.24542): the step of the residual stream from each tap to the next at the
 * last prompt token, how far that lies from the reference's steps coordinate by coordinate, and how unusual those distances are
 * together. It knows no harm and no trigger, only what is usual. `reference` holds [taps, width] residuals from the lowest tap up, 2
 * taps at least.
 */
export function fitFingerprint(reference: readonly Float32Array[], width: number): Fingerprint {
  const size = (reference[0]?.length ?? 0) - width;
  if (reference.length < 2 || size < width)
    throw new RangeError("a fingerprint needs two references and two taps at least");
  const [mean, variance] = [new Float64Array(size), new Float64Array(size)];
  for (const residual of reference)
    for (let i = 0; i < size; i++) mean[i] = (mean[i] ?? 0) + stepAt(residual, i, width) / reference.length;
  for (const residual of reference)
    for (let i = 0; i < size; i++)
      variance[i] = (variance[i] ?? 0) + (stepAt(residual, i, width) - (mean[i] ?? 0)) ** 2 / reference.length;
  const spread = ledoitWolf(reference.map((residual) => distancesOf(residual, { width, mean, variance })));
  return {
    width,
    mean: [...mean],
    variance: [...variance],
    distances: { mean: [...spread.mean], covariance: spread.covariance.map((row) => [...row]) },
  };
}

/** Throws RangeError where the covariance is singular, and what it returns does for a residual of another size. */
export function strangenessBy({ width, mean, variance, distances }: Fingerprint): Strangeness {
  const steps = { width, mean: Float64Array.from(mean), variance: Float64Array.from(variance) };
  const unusual = mahalanobis({
    mean: Float64Array.from(distances.mean),
    covariance: distances.covariance.map((row) => Float64Array.from(row)),
  });
  return (residual) => {
    if (residual.length !== mean.length + width)
      throw new RangeError(`a residual of ${residual.length} numbers instead of ${mean.length + width}`);
    return unusual(distancesOf(residual, steps));
  };
}

/** One coordinate of the step from a tap to the next. */
function stepAt(residual: Float32Array, i: number, width: number): number {
  return (residual[i + width] ?? 0) - (residual[i] ?? 0);
}

/** How far each step lies from the usual one, coordinate by coordinate, [taps - 1]. */
function distancesOf(
  residual: Float32Array,
  { width, mean, variance }: { width: number; mean: Float64Array; variance: Float64Array },
): Float64Array {
  return Float64Array.from({ length: mean.length / width }, (_, step) => {
    let sum = 0;
    for (let i = step * width; i < (step + 1) * width; i++)
      sum += (stepAt(residual, i, width) - (mean[i] ?? 0)) ** 2 / Math.max(variance[i] ?? 0, LEAST_VARIANCE);
    return Math.sqrt(sum);
  });
}
