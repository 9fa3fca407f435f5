import { logGamma } from "./beta.ts";

/** How two detectors differ on the same responses. */
export interface Paired {
  /** Caught by the first alone. */
  b: number;
  /** Caught by the second alone. */
  c: number;
  /** Exact McNemar test: two-sided binomial p-value of b among b + c at one half. */
  p: number;
}

/** Exact McNemar test (McNemar 1947, binomial form) on alarms of two detectors on the same responses, in the same order. */
export function mcnemar(first: readonly boolean[], second: readonly boolean[]): Paired {
  if (first.length !== second.length) throw new RangeError("both detectors have to have seen the same responses");
  const b = first.filter((alarm, i) => alarm && !second[i]).length;
  const c = second.filter((alarm, i) => alarm && !first[i]).length;
  return { b, c, p: signTest(b, c) };
}

/** Two-sided p-value of b against c at one half: the distribution is symmetric, so twice the smaller tail. */
function signTest(b: number, c: number): number {
  const n = b + c;
  let tail = 0;
  for (let k = 0; k <= Math.min(b, c); k++)
    tail += Math.exp(logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) - n * Math.LN2);
  return Math.min(1, 2 * tail);
}

/** p-values adjusted for their number (Holm 1979), in the order given: those at most alpha keep the family-wise error at alpha. */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const adjusted = new Array<number>(pValues.length);
  let highest = 0;
  for (const [rank, { p, index }] of order.entries()) {
    highest = Math.max(highest, Math.min(1, (pValues.length - rank) * p));
    adjusted[index] = highest;
  }
  return adjusted;
}
