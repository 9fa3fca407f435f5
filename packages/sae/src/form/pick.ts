import type { TensorFile } from "@modx/tensors";
import { checkShape } from "./check-shape.ts";
import type { Layout, MatrixPlace } from "./layout.ts";

/** Numbers of a matrix that are in memory at a time beside the result, 8 MiB: the rows of a quarantine take less than 200 MiB of any file. */
const PIECE_NUMBERS = 1 << 21;
/** Rows and columns that change places at a time: as many lines of a cache are read, and as many written, each of them whole. */
const BLOCK = 16;

/**
 * Rows of the named features, [indices, width]. Where each feature's numbers lie together only these are read, else all of it once, in
 * pieces: what counts is how a matrix lies in its file, which its shape alone does not say. Throws MODX_SAE_SHAPE.
 */
export async function pick(
  file: TensorFile,
  { width, features }: Pick<Layout, "width" | "features">,
  { tensor, features: along }: MatrixPlace,
  indices: ArrayLike<number>,
): Promise<Float32Array> {
  checkShape(file, tensor, along === "rows" ? [features, width] : [width, features]);
  const out = new Float32Array(indices.length * width);
  const most = (length: number): number => Math.max(1, Math.floor(PIECE_NUMBERS / length));
  const together = (along === "rows") !== file.byColumns(tensor);
  if (together)
    for (const { row, from, count } of runsOf(indices, most(width)))
      out.set(await file.lines(tensor, from, count), row * width);
  else
    for (let from = 0, count = 0; from < width; from += count) {
      count = Math.min(most(features), width - from);
      const piece = await file.lines(tensor, from, count);
      for (let row = 0; row < indices.length; row += BLOCK)
        for (let i = 0; i < count; i += BLOCK) turn(piece, features, indices, row, out, width, from, i, count);
    }
  return out;
}

/** A block of a piece, [count, features], to where it belongs in the result. */
function turn(
  piece: Float32Array,
  features: number,
  indices: ArrayLike<number>,
  row: number,
  out: Float32Array,
  width: number,
  from: number,
  column: number,
  count: number,
): void {
  const [rowEnd, columnEnd] = [Math.min(row + BLOCK, indices.length), Math.min(column + BLOCK, count)];
  for (let r = row; r < rowEnd; r++) {
    const to = r * width + from;
    const feature = indices[r] ?? 0;
    for (let i = column; i < columnEnd; i++) out[to + i] = piece[i * features + feature] ?? 0;
  }
}

interface Run {
  /** In the result. */
  row: number;
  /** First feature. */
  from: number;
  count: number;
}

/** Runs of neighbours, none longer than `most`. */
function runsOf(indices: ArrayLike<number>, most: number): Run[] {
  const runs: Run[] = [];
  for (let row = 0; row < indices.length; row++) {
    const feature = indices[row] ?? 0;
    const last = runs.at(-1);
    if (last !== undefined && last.from + last.count === feature && last.count < most) last.count += 1;
    else runs.push({ row, from: feature, count: 1 });
  }
  return runs;
}
