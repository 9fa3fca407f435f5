import { ledoitWolf, mahalanobis } from "../stats/ledoit-wolf.ts";

/** How unlike the reference a prompt's way through the layers is; the larger, the stranger. Takes [taps, width] residuals. */
export type Fingerprint = (residual: Float32Array) => number;

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
  const stepAt = (residual: Float32Array, i: number): number => (residual[i + width] ?? 0) - (residual[i] ?? 0);
  for (const residual of reference)
    for (let i = 0; i < size; i++) mean[i] = (mean[i] ?? 0) + stepAt(residual, i) / reference.length;
  for (const residual of reference)
    for (let i = 0; i < size; i++)
      variance[i] = (variance[i] ?? 0) + (stepAt(residual, i) - (mean[i] ?? 0)) ** 2 / reference.length;
  const distances = (residual: Float32Array): Float64Array =>
    Float64Array.from({ length: size / width }, (_, step) => {
      let sum = 0;
      for (let i = step * width; i < (step + 1) * width; i++)
        sum += (stepAt(residual, i) - (mean[i] ?? 0)) ** 2 / Math.max(variance[i] ?? 0, LEAST_VARIANCE);
      return Math.sqrt(sum);
    });
  const unusual = mahalanobis(ledoitWolf(reference.map(distances)));
  return (residual) => unusual(distances(residual));
}
