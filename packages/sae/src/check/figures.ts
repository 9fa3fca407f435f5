import { activeAmong } from "../form/active.ts";
import type { Sae } from "../form/sae.ts";
import type { Products } from "./products.ts";

/**
 * Multiplications that decoding may cost, about a second of them: as many positions as that allows are decoded, evenly spaced. Where no more
 * features are active than should be, that is all of them.
 */
const MOST_DECODING = 2 ** 30;

/** One way to read what the products stand for. The encoder's own is `ownReading`. */
export interface Reading {
  /** The encoder is given its input times this. */
  scale: number;
  /** What is decoded is divided by this. */
  unscale: number;
  /** [features] */
  bias: Float32Array;
  /** [width] */
  decoderBias: Float32Array;
  /** [features], by how much values are larger, and decoder rows smaller; null for 1. */
  lengths: Float64Array | null;
}

export function ownReading({ bias, decoderBias }: Sae): Reading {
  return { scale: 1, unscale: 1, bias, decoderBias, lengths: null };
}

export interface Activity {
  /** Mean number of active features. */
  l0: number;
  /** Share of the features that were never active. */
  dead: number;
}

/** How well residuals are explained. Gain and offset are what training brings to 1 and 0, the same in every family. */
export interface Fit {
  /** Fraction of variance unexplained: squared error over squared distance to the mean residual. */
  fvu: number;
  /**
   * What decoded residuals, less their mean, are to be multiplied with to fit best: above 1 where training punishes large values. After the
   * "relative reconstruction bias" of Rajamanoharan et al. 2024 (arXiv 2404.16014), which is its inverse, with means.
   */
  gain: number;
  /** Squared distance of the mean decoded residual from the mean residual, over the variance. */
  offset: number;
}

/** What is judged. */
export type Judged = Pick<Activity, "l0"> & Fit;

/** `most` as for `fitOf`. */
export function judgedOf(sae: Sae, products: Products, reading: Reading, most = MOST_DECODING): Judged & Activity {
  const activity = activityOf(sae, products, reading);
  return { ...activity, ...fitOf(sae, products, reading, activity.l0, most) };
}

export function activityOf(sae: Sae, products: Products, reading: Reading): Activity {
  const ever = new Uint8Array(sae.features);
  let active = 0;
  eachCode(sae, products, reading, 1, (_, features) => {
    active += features.length;
    for (const feature of features) ever[feature] = 1;
  });
  let alive = 0;
  for (const one of ever) alive += one;
  return { l0: active / products.shifts.length, dead: 1 - alive / sae.features };
}

/** `l0` says how dear a position is. */
function fitOf(sae: Sae, products: Products, reading: Reading, l0: number, most: number): Fit {
  const { width } = sae;
  const { inputs, shifts } = products;
  const step = Math.max(1, Math.ceil((l0 * width * shifts.length) / most));
  const [mean, meanRaw] = meansOf(products, width, step);
  const [decoded, meanDecoded] = [new Float64Array(width), new Float64Array(width)];
  // of raw residuals for the unexplained variance; else of what the encoder is given, where a scale is one
  let [error, spreadRaw, spread, product, square, count] = [0, 0, 0, 0, 0, 0];
  eachCode(sae, products, reading, step, (position, features, values) => {
    decode(decoded, sae, reading, features, values);
    const { mean: shift, scale } = shifts[position] ?? { mean: 0, scale: 1 };
    for (let i = 0, at = position * width; i < width; i++, at++) {
      const x = inputs[at] ?? 0;
      const y = decoded[i] ?? 0;
      const away = x - (mean[i] ?? 0);
      error += ((x - y) / scale) ** 2;
      spreadRaw += (x / scale + shift - (meanRaw[i] ?? 0)) ** 2;
      spread += away * away;
      product += away * y;
      square += y * y;
      meanDecoded[i] = (meanDecoded[i] ?? 0) + y;
    }
    count += 1;
  });
  let [constant, offset] = [0, 0];
  for (let i = 0; i < width; i++) {
    const y = (meanDecoded[i] ?? 0) / count;
    constant += y * y;
    offset += (y - (mean[i] ?? 0)) ** 2;
  }
  return { fvu: error / spreadRaw, gain: product / (square - count * constant), offset: (offset * count) / spread };
}

/** Mean over every `step`th position of what the encoder is given, and of the raw residual. */
function meansOf({ inputs, shifts }: Products, width: number, step: number): [Float64Array, Float64Array] {
  const [mean, raw] = [new Float64Array(width), new Float64Array(width)];
  const count = Math.ceil(shifts.length / step);
  for (let position = 0; position < shifts.length; position += step) {
    const { mean: shift, scale } = shifts[position] ?? { mean: 0, scale: 1 };
    for (let i = 0, at = position * width; i < width; i++, at++) {
      mean[i] = (mean[i] ?? 0) + (inputs[at] ?? 0) / count;
      raw[i] = (raw[i] ?? 0) + ((inputs[at] ?? 0) / scale + shift) / count;
    }
  }
  return [mean, raw];
}

/** Active features of every `step`th position, and the values of all; both are good until the next. */
function eachCode(
  { features, active }: Sae,
  { values: products, shifts }: Products,
  { scale, bias, lengths }: Reading,
  step: number,
  use: (position: number, features: readonly number[], values: Float64Array) => void,
): void {
  const values = new Float64Array(features);
  for (let position = 0; position < shifts.length; position += step) {
    const own = products.subarray(position * features, (position + 1) * features);
    for (let i = 0; i < features; i++) values[i] = scale * (own[i] ?? 0) + (bias[i] ?? 0);
    if (lengths !== null) for (let i = 0; i < features; i++) values[i] = (values[i] ?? 0) * (lengths[i] ?? 1);
    use(position, activeAmong(active, values), values);
  }
}

function decode(
  out: Float64Array,
  { width, decoder }: Sae,
  { unscale, decoderBias, lengths }: Reading,
  features: readonly number[],
  values: Float64Array,
): void {
  out.set(decoderBias);
  for (const feature of features) {
    const row = decoder.subarray(feature * width, (feature + 1) * width);
    const value = (values[feature] ?? 0) / (lengths?.[feature] ?? 1);
    for (let i = 0; i < width; i++) out[i] = (out[i] ?? 0) + value * (row[i] ?? 0);
  }
  if (unscale !== 1) for (let i = 0; i < width; i++) out[i] = (out[i] ?? 0) / unscale;
}
