import { betaQuantile } from "./beta.ts";

/** A share of counted things with its interval. */
export interface Rate {
  hits: number;
  n: number;
  rate: number;
  low: number;
  high: number;
}

/** 97.5 % quantile of the normal distribution: two-sided 95 %. */
const Z95 = 1.959963984540054;

/** Wilson's 95 % score interval (Wilson 1927). Without observations the interval is all of [0, 1]. */
export function wilson(hits: number, n: number): Rate {
  if (n === 0) return { hits, n, rate: Number.NaN, low: 0, high: 1 };
  const p = hits / n;
  const z2 = Z95 * Z95;
  const centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z95 / (1 + z2 / n)) * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  return {
    hits,
    n,
    rate: p,
    low: hits === 0 ? 0 : Math.max(0, centre - half),
    high: hits === n ? 1 : Math.min(1, centre + half),
  };
}

/** Exact one-sided upper bound of a rate (Clopper and Pearson 1934). */
export function upperBound(hits: number, n: number, confidence: number): number {
  return hits >= n ? 1 : betaQuantile(confidence, hits + 1, n - hits);
}

/** Exact two-sided interval of a rate (Clopper and Pearson 1934), by default 95 %. */
export function clopperPearson(hits: number, n: number, confidence = 0.95): Rate {
  const tail = (1 - confidence) / 2;
  return {
    hits,
    n,
    rate: n === 0 ? Number.NaN : hits / n,
    low: hits === 0 ? 0 : betaQuantile(tail, hits, n - hits + 1),
    high: hits >= n ? 1 : betaQuantile(1 - tail, hits + 1, n - hits),
  };
}
