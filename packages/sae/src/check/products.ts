import type { Projector } from "../form/project.ts";
import type { Sae } from "../form/sae.ts";
import { type Shift, shiftOf } from "../form/shift.ts";

/** Numbers of the encoder that the projector is given at a time, 64 MiB: it may copy them. */
const PIECE_NUMBERS = 1 << 24;
/** Of all products that are kept: 512 MiB, 4,096 positions of 32,768 features. */
export const MOST_PRODUCTS = 1 << 27;

/** What an encoder makes of residuals, before biases and thresholds: whatever is only about these is tried without multiplying again. */
export interface Products {
  /** [positions, width], what the encoder is given: (x - mean) * scale. */
  inputs: Float32Array;
  shifts: Shift[];
  /** [positions, features], encoder . input */
  values: Float32Array;
}

/** Of raw residuals, [positions, width]; `MOST_PRODUCTS` at most. */
export async function productsOf(sae: Sae, residuals: Float32Array, project: Projector): Promise<Products> {
  const { width } = sae;
  const count = residuals.length / width;
  const inputs = new Float32Array(residuals.length);
  const shifts = Array.from({ length: count }, (_, position) => {
    const [from, to] = [position * width, (position + 1) * width];
    const shift = shiftOf(sae.input, residuals.subarray(from, to));
    for (let at = from; at < to; at++) inputs[at] = ((residuals[at] ?? 0) - shift.mean) * shift.scale;
    return shift;
  });
  return { inputs, shifts, values: await multiply(sae, inputs, project) };
}

/** Products of the encoder with inputs, [positions, width], as [positions, features]; a piece of the encoder at a time. */
export async function multiply(
  { encoder, width, features }: Sae,
  inputs: Float32Array,
  project: Projector,
): Promise<Float32Array> {
  const count = inputs.length / width;
  const values = new Float32Array(count * features);
  const step = Math.max(1, Math.floor(PIECE_NUMBERS / width));
  for (let from = 0; from < features; from += step) {
    const to = Math.min(from + step, features);
    const piece = await project(encoder.subarray(from * width, to * width), width, inputs);
    for (let position = 0; position < count; position++)
      values.set(piece.subarray(position * (to - from), (position + 1) * (to - from)), position * features + from);
  }
  return values;
}

/** At most `most` of the positions, evenly spaced. */
export function thinned({ width, features }: Sae, { inputs, shifts, values }: Products, most: number): Products {
  const step = Math.ceil(shifts.length / most);
  const kept = shifts.filter((_, position) => position % step === 0);
  const of = (all: Float32Array, length: number): Float32Array => {
    const out = new Float32Array(kept.length * length);
    for (let i = 0; i < kept.length; i++) out.set(all.subarray(i * step * length, (i * step + 1) * length), i * length);
    return out;
  };
  return { inputs: of(inputs, width), shifts: kept, values: of(values, features) };
}
