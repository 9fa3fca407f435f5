import type { Golden } from "../format/pack.ts";

/**
 * Largest difference between replayed and golden readings of one of the pack's identities in units of each row's spread. Instruction sets and batch
 * sizes move readings by well under a hundredth of it; a wrong layer, scale or adapter by more than a half.
 */
export function goldenError(golden: Golden, identity: number, replayed: Float32Array): number {
  const readings = golden.readings[identity];
  if (readings === undefined || replayed.length !== readings.length) return Number.POSITIVE_INFINITY;
  const rows = golden.spread.length;
  let worst = 0;
  readings.forEach((expected, index) => {
    if (Number.isNaN(expected)) return;
    const error = Math.abs((replayed[index] ?? Number.NaN) - expected) / (golden.spread[index % rows] || 1);
    worst = error <= worst ? worst : Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
  });
  return worst;
}

/** A replay further off than this means that the rows do not read what they were made to read. */
export const GOLDEN_TOLERANCE = 0.1;
