/** Products of rows [n, width] with inputs [t, width], as [t, n]. Whoever has faster code than this package gives their own. */
export type Projector = (
  rows: Float32Array,
  width: number,
  inputs: Float32Array,
) => Float32Array | Promise<Float32Array>;

type Vector = Float32Array;

/** In JavaScript, two rows with four inputs at a time: each number is fetched once for several products. */
export function plainProjector(rows: Float32Array, width: number, inputs: Float32Array): Float32Array {
  const [row, input] = [vectorsOf(rows, width), vectorsOf(inputs, width)];
  const out = new Float32Array(row.length * input.length);
  for (let first = 0; first < input.length; first += 4)
    for (let from = 0; from < row.length; from += 2) {
      const sums = tile(
        at(row, from),
        at(row, from + 1),
        at(input, first),
        at(input, first + 1),
        at(input, first + 2),
        at(input, first + 3),
      );
      for (let i = 0; i < 4 && first + i < input.length; i++)
        for (let r = 0; r < 2 && from + r < row.length; r++)
          out[(first + i) * row.length + from + r] = sums[2 * i + r] ?? 0;
    }
  return out;
}

/** Views of its own for each: an engine then knows that an index inside one is inside all. */
function vectorsOf(matrix: Float32Array, width: number): Vector[] {
  return Array.from({ length: matrix.length / width }, (_, i) => matrix.subarray(i * width, (i + 1) * width));
}

/** Beyond the end the last one again. */
function at(vectors: readonly Vector[], index: number): Vector {
  return vectors[Math.min(index, vectors.length - 1)] ?? new Float32Array();
}

/** Of two rows with each of four inputs, one input after another. */
function tile(r0: Vector, r1: Vector, i0: Vector, i1: Vector, i2: Vector, i3: Vector): readonly number[] {
  let s00 = 0;
  let s01 = 0;
  let s10 = 0;
  let s11 = 0;
  let s20 = 0;
  let s21 = 0;
  let s30 = 0;
  let s31 = 0;
  for (let k = 0; k < r0.length; k++) {
    const a = r0[k] ?? 0;
    const b = r1[k] ?? 0;
    const w = i0[k] ?? 0;
    const x = i1[k] ?? 0;
    const y = i2[k] ?? 0;
    const z = i3[k] ?? 0;
    s00 += w * a;
    s01 += w * b;
    s10 += x * a;
    s11 += x * b;
    s20 += y * a;
    s21 += y * b;
    s30 += z * a;
    s31 += z * b;
  }
  return [s00, s01, s10, s11, s20, s21, s30, s31];
}
