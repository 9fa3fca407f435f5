import type { Input } from "./layout.ts";
import type { Code, Sae } from "./sae.ts";

const EPSILON = 1e-5;

/** Active features of a raw residual, [width]. */
export function encode(sae: Sae, residual: Float32Array): Code {
  const { values: x } = prepare(sae.input, residual);
  const { width, features, encoder, bias, active } = sae;
  const pre = new Float64Array(features);
  for (let feature = 0; feature < features; feature++) {
    let sum = bias[feature] ?? 0;
    for (let i = 0, at = feature * width; i < width; i++, at++) sum += (encoder[at] ?? 0) * (x[i] ?? 0);
    pre[feature] = sum;
  }
  const chosen =
    active.rule === "threshold"
      ? indicesWhere(pre, (value, feature) => value > (active.thresholds[feature] ?? 0))
      : active.rule === "topk"
        ? largest(pre, 0, features, active.k)
        : Array.from({ length: active.k }, (_, group) => {
            const size = features / active.k;
            return largest(pre, group * size, (group + 1) * size, 1);
          }).flat();
  const on = chosen.sort((a, b) => a - b);
  return { features: on, values: on.map((feature) => pre[feature] ?? 0) };
}

/** The residual that a code stands for, as far as the autoencoder knows, [width]; the residual itself is asked for its length and mean only. */
export function decode(sae: Sae, code: Code, residual: Float32Array): Float32Array {
  const { width, decoder, decoderBias } = sae;
  const out = Float64Array.from(decoderBias);
  for (const [index, feature] of code.features.entries())
    for (let i = 0, at = feature * width; i < width; i++, at++)
      out[i] = (out[i] ?? 0) + (code.values[index] ?? 0) * (decoder[at] ?? 0);
  const { mean, scale } = prepare(sae.input, residual);
  return Float32Array.from(out, (value) => value / scale + mean);
}

/** What the encoder is given: (x - mean) * scale. */
function prepare(input: Input, residual: Float32Array): { values: Float64Array; mean: number; scale: number } {
  const x = Float64Array.from(residual);
  if (input === "raw") return { values: x, mean: 0, scale: 1 };
  if (input === "unit-length") {
    const scale = Math.sqrt(x.length) / Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) || 1);
    return { values: x.map((value) => value * scale), mean: 0, scale };
  }
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const spread = Math.sqrt(x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (x.length - 1));
  const scale = input === "centred" ? 1 : 1 / (spread + EPSILON);
  return { values: x.map((value) => (value - mean) * scale), mean, scale };
}

function indicesWhere(values: Float64Array, holds: (value: number, index: number) => boolean): number[] {
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) if (holds(values[i] ?? 0, i)) found.push(i);
  return found;
}

/** Indices of the `count` largest of a stretch that are above 0. */
function largest(values: Float64Array, from: number, to: number, count: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i)
    .filter((index) => (values[index] ?? 0) > 0)
    .sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0))
    .slice(0, count);
}
