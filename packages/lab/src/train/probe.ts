import { fitLogistic } from "./logistic.ts";
import { DenseMatrix } from "./matrix.ts";

/** A linear readout over several taps: reading = bias + sum over taps of weights . residual. */
export interface Probe {
  /** Indices of the taps it reads, among those of the recording. */
  taps: readonly number[];
  /** [taps read, width], raw residual scale. */
  weights: Float64Array;
  bias: number;
}

export interface ProbeExample {
  /** [recorded taps, width] f32, raw residual scale. */
  residual: Float32Array;
  positive: boolean;
  weight: number;
}

export interface ProbeShape {
  /** Width of the residual stream. */
  width: number;
  /** Indices of the taps to read. */
  taps: readonly number[];
  /** L2 penalty on the weights of standardised coordinates. */
  penalty: number;
  /** Norm of the gradient at which the fit is good enough; that of `fitLogistic` when absent. */
  tolerance?: number;
  /** Directions, [width] for each tap read, that the probe must not look along; in standardised coordinates. */
  without?: readonly Float64Array[];
}

/** Spread below which a coordinate counts as constant. */
const LEAST_SPREAD = 1e-6;

/** Logistic regression on standardised residuals; the standardisation is folded into the weights. */
export function fitProbe(examples: readonly ProbeExample[], shape: ProbeShape): Probe {
  const { taps, width, penalty } = shape;
  const scale = standardiser(examples, shape);
  const size = taps.length * width;
  const features = new Float32Array(examples.length * size);
  for (const [index, { residual }] of examples.entries()) {
    const row = features.subarray(index * size, (index + 1) * size);
    scale.apply(residual, row);
    shape.without?.forEach((direction, tap) => {
      removeAlong(row.subarray(tap * width, (tap + 1) * width), direction);
    });
  }
  const model = fitLogistic(
    {
      features: new DenseMatrix(features, size),
      labels: Uint8Array.from(examples, (example) => (example.positive ? 1 : 0)),
      weights: Float64Array.from(examples, (example) => example.weight),
    },
    penalty,
    shape.tolerance,
  );
  // the solution is orthogonal to what was removed only up to the solver's accuracy
  shape.without?.forEach((direction, tap) => {
    removeAlong(model.weights.subarray(tap * width, (tap + 1) * width), direction);
  });
  const weights = model.weights.map((weight, i) => weight / (scale.spread[i] ?? 1));
  const shift = weights.reduce((sum, weight, i) => sum + weight * (scale.mean[i] ?? 0), 0);
  return { taps, weights, bias: model.bias - shift };
}

/** The difference of the classes' means in standardised coordinates, of unit length, [width] for each tap read. */
export function meanDifference(examples: readonly ProbeExample[], shape: ProbeShape): Float64Array[] {
  const { taps, width } = shape;
  const scale = standardiser(examples, shape);
  const difference = new Float64Array(taps.length * width);
  const total = [0, 0];
  for (const { positive, weight } of examples) total[positive ? 1 : 0] = (total[positive ? 1 : 0] ?? 0) + weight;
  const row = new Float32Array(difference.length);
  for (const { residual, positive, weight } of examples) {
    scale.apply(residual, row);
    const factor = (positive ? weight : -weight) / (total[positive ? 1 : 0] ?? 1);
    for (let i = 0; i < row.length; i++) difference[i] = (difference[i] ?? 0) + factor * (row[i] ?? 0);
  }
  return taps.map((_, tap) => {
    const direction = difference.slice(tap * width, (tap + 1) * width);
    const length = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0)) || 1;
    return direction.map((value) => value / length);
  });
}

/** The probe's reading of one position's residuals, [recorded taps, width] f32. */
export function readProbe({ taps, weights, bias }: Probe, residual: Float32Array): number {
  const width = weights.length / taps.length;
  let sum = bias;
  taps.forEach((tap, index) => {
    for (let i = 0; i < width; i++) sum += (weights[index * width + i] ?? 0) * (residual[tap * width + i] ?? 0);
  });
  return sum;
}

interface Standardiser {
  mean: Float64Array;
  spread: Float64Array;
  /** Standardised coordinates of the taps read into `row`. */
  apply(residual: Float32Array, row: Float32Array): void;
}

function standardiser(examples: readonly ProbeExample[], { taps, width }: ProbeShape): Standardiser {
  const size = taps.length * width;
  const [mean, squares] = [new Float64Array(size), new Float64Array(size)];
  const at = (i: number): number => (taps[Math.floor(i / width)] ?? 0) * width + (i % width);
  const source = Int32Array.from({ length: size }, (_, i) => at(i));
  let total = 0;
  for (const { residual, weight } of examples) {
    total += weight;
    for (let i = 0; i < size; i++) {
      const value = residual[source[i] ?? 0] ?? 0;
      mean[i] = (mean[i] ?? 0) + weight * value;
      squares[i] = (squares[i] ?? 0) + weight * value * value;
    }
  }
  const spread = squares.map((square, i) => {
    const average = (mean[i] ?? 0) / total;
    mean[i] = average;
    return Math.max(Math.sqrt(Math.max(0, square / total - average * average)), LEAST_SPREAD);
  });
  return {
    mean,
    spread,
    apply(residual, row) {
      for (let i = 0; i < size; i++) row[i] = ((residual[source[i] ?? 0] ?? 0) - (mean[i] ?? 0)) / (spread[i] ?? 1);
    },
  };
}

function removeAlong(vector: Float32Array | Float64Array, direction: Float64Array): void {
  let along = 0;
  for (let i = 0; i < vector.length; i++) along += (vector[i] ?? 0) * (direction[i] ?? 0);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) - along * (direction[i] ?? 0);
}
