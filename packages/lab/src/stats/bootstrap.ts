/** A small deterministic generator (mulberry32), so that a resampling gives the same interval every time. */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Interval {
  estimate: number;
  low: number;
  high: number;
}

const RESAMPLES = 4000;

/** Median with its 95 % bootstrap interval (percentile method, resampling with replacement). */
export function medianInterval(values: readonly number[], seed = 1): Interval {
  const random = randomSource(seed);
  const medians = Array.from({ length: RESAMPLES }, () =>
    median(Array.from(values, () => values[Math.floor(random() * values.length)] ?? Number.NaN)),
  );
  medians.sort((a, b) => a - b);
  return { estimate: median(values), low: quantile(medians, 0.025), high: quantile(medians, 0.975) };
}

/**
 * 95 % bootstrap interval of any statistic of clustered things (percentile method): whole clusters are drawn with
 * replacement, because the answers to one prompt are not independent.
 */
export function clusterInterval<T>(
  clusters: readonly (readonly T[])[],
  statistic: (things: readonly T[]) => number,
  seed = 1,
): Interval {
  const random = randomSource(seed);
  const draws = Array.from({ length: RESAMPLES }, () =>
    statistic(Array.from(clusters, () => clusters[Math.floor(random() * clusters.length)] ?? []).flat()),
  ).sort((a, b) => a - b);
  return { estimate: statistic(clusters.flat()), low: quantile(draws, 0.025), high: quantile(draws, 0.975) };
}

/** Quantile of sorted values, linear between neighbours (type 7, NumPy's default). */
export function quantile(sorted: readonly number[], p: number): number {
  const at = p * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (at - Math.floor(at)) * (above - below);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
