import { ModxError } from "@modx/errors";

/** Indices, in a token's readings, of all rows of a name. */
export type RowIndex = ReadonlyMap<string, readonly number[]>;

/** Where each row name stands when `names` are the rows of a token's readings and the pack's begin at `from`. */
export function indexRows(names: readonly string[], from = 0): RowIndex {
  const index = new Map<string, number[]>();
  names.forEach((name, position) => {
    index.set(name, [...(index.get(name) ?? []), from + position]);
  });
  return index;
}

/**
 * A name's reading for one token, whose readings begin at `offset`: those of all its rows added. Throws MODX_INTERNAL for a row beyond the
 * readings: no aggregate would show that it was passed over.
 */
export function sumOf(readings: Float32Array, offset: number, indices: readonly number[]): number {
  let sum = 0;
  for (const index of indices) sum += readings[offset + index] ?? missing(offset + index, readings.length);
  return sum;
}

function missing(row: number, readings: number): never {
  throw new ModxError("MODX_INTERNAL", {
    what: `A detector reads row ${row} of ${readings} readings.`,
    remedy: "Start its run on an engine that its rows are bound in, and report this.",
  });
}
