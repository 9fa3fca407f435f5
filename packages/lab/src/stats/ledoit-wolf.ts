/** Where points lie and how they spread, in few dimensions. */
export interface Spread {
  mean: Float64Array;
  /** [n, n] covariance, shrunk towards a multiple of the identity. */
  covariance: Float64Array[];
  /** Share of the identity in it. */
  shrinkage: number;
}

/**
 * Mean and shrunk covariance of points, by Ledoit and Wolf (2004): the share of the identity that loses least, estimated from the
 * points themselves. Covariances divide by the number of points, as in scikit-learn.
 */
export function ledoitWolf(points: readonly Float64Array[]): Spread {
  const n = points.length;
  const size = points[0]?.length ?? 0;
  const mean = new Float64Array(size);
  for (const point of points) for (let i = 0; i < size; i++) mean[i] = (mean[i] ?? 0) + (point[i] ?? 0) / n;
  const centred = points.map((point) => point.map((value, i) => value - (mean[i] ?? 0)));
  const moment = (i: number, j: number, power: number): number =>
    centred.reduce((sum, point) => sum + ((point[i] ?? 0) * (point[j] ?? 0)) ** power, 0) / n;
  const indices = Array.from({ length: size }, (_, i) => i);
  const empirical = indices.map((i) => Float64Array.from(indices, (j) => moment(i, j, 1)));
  const scale = indices.reduce((sum, i) => sum + (empirical[i]?.[i] ?? 0), 0) / size;
  let [noise, distance] = [0, 0];
  for (const i of indices) {
    for (const j of indices) {
      const value = empirical[i]?.[j] ?? 0;
      noise += moment(i, j, 2) - value ** 2;
      distance += (value - (i === j ? scale : 0)) ** 2;
    }
  }
  const shrinkage = distance === 0 ? 0 : Math.min(1, noise / n / distance);
  const covariance = empirical.map((row, i) =>
    row.map((value, j) => (1 - shrinkage) * value + (i === j ? shrinkage * scale : 0)),
  );
  return { mean, covariance, shrinkage };
}

/** Distance of a point from the mean, in spreads along every direction; throws RangeError where the covariance is singular. */
export function mahalanobis({
  mean,
  covariance,
}: Pick<Spread, "mean" | "covariance">): (point: Float64Array) => number {
  const lower = cholesky(covariance);
  return (point) => {
    // solved forwards: the length of L^-1 (x - mean)
    const solved = new Float64Array(mean.length);
    for (let i = 0; i < mean.length; i++) {
      let rest = (point[i] ?? 0) - (mean[i] ?? 0);
      for (let j = 0; j < i; j++) rest -= (lower[i]?.[j] ?? 0) * (solved[j] ?? 0);
      solved[i] = rest / (lower[i]?.[i] ?? 1);
    }
    return Math.hypot(...solved);
  };
}

function cholesky(matrix: readonly Float64Array[]): Float64Array[] {
  const lower = matrix.map((row) => new Float64Array(row.length));
  matrix.forEach((row, i) => {
    for (let j = 0; j <= i; j++) {
      let rest = row[j] ?? 0;
      for (let k = 0; k < j; k++) rest -= (lower[i]?.[k] ?? 0) * (lower[j]?.[k] ?? 0);
      if (i === j && !(rest > 0)) throw new RangeError("the covariance is singular");
      const target = lower[i];
      if (target !== undefined) target[j] = i === j ? Math.sqrt(rest) : rest / (lower[j]?.[j] ?? 1);
    }
  });
  return lower;
}
