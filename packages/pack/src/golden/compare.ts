import type { Golden } from "../format/pack.ts";

/**
 * How far replayed readings are from the golden ones of one of the pack's identities: of the row that is furthest off, the root of the
 * mean square over the tokens, in units of the row's spread. A mean, because rounding alone moves single readings by up to 0.16.
 */
export function goldenError(golden: Golden, identity: number, replayed: Float32Array): number {
  const expected = golden.readings[identity];
  if (expected === undefined || replayed.length !== expected.length) return Number.POSITIVE_INFINITY;
  const rows = golden.spread.length;
  const errors = Array.from({ length: rows }, (_, row) => {
    let squares = 0;
    let count = 0;
    for (let at = row; at < expected.length; at += rows) {
      const wanted = expected[at] ?? Number.NaN;
      if (Number.isNaN(wanted)) continue;
      squares += (((replayed[at] ?? Number.NaN) - wanted) / (golden.spread[row] || 1)) ** 2;
      count += 1;
    }
    return count === 0 ? 0 : Math.sqrt(squares / count);
  });
  const worst = Math.max(...errors);
  return Number.isNaN(worst) ? Number.POSITIVE_INFINITY : worst;
}

/**
 * A replay further off than this means that the rows do not read what they were made to read. llama.cpp's builds for other
 * instruction sets, from SSE2 to AVX-512, are up to 0.042 off on the default model; half the adapter is 0.10, another adapter
 * 0.12 or more, none 0.19 (packages/guard/test/instruction-sets.test.ts).
 */
export const GOLDEN_TOLERANCE = 0.07;
