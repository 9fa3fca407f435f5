import type { Input } from "./layout.ts";

/** Of SAELens' layer norm. */
const EPSILON = 1e-5;

/** What the encoder is given instead of a raw residual x: (x - mean) * scale. */
export interface Shift {
  mean: number;
  scale: number;
}

export function shiftOf(input: Input, residual: Float32Array): Shift {
  if (input === "raw") return { mean: 0, scale: 1 };
  if (input === "unit-length") return { mean: 0, scale: Math.sqrt(residual.length / (squares(residual, 0) || 1)) };
  let sum = 0;
  for (const value of residual) sum += value;
  const mean = sum / residual.length;
  if (input === "centred") return { mean, scale: 1 };
  return { mean, scale: 1 / (Math.sqrt(squares(residual, mean) / (residual.length - 1)) + EPSILON) };
}

/** Sum of squared distances from a number. */
function squares(values: Float32Array, from: number): number {
  let sum = 0;
  for (const value of values) sum += (value - from) ** 2;
  return sum;
}
