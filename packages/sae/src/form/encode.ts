import { activeAmong } from "./active.ts";
import type { Code, Sae } from "./sae.ts";
import { shiftOf } from "./shift.ts";

/** Active features of a raw residual, [width], added up in f64. Of many residuals `readResiduals` has the products at once. */
export function encode({ input, width, features, encoder, bias, active }: Sae, residual: Float32Array): Code {
  const { mean, scale } = shiftOf(input, residual);
  const x = Float64Array.from(residual, (value) => (value - mean) * scale);
  const values = new Float64Array(features);
  for (let feature = 0; feature < features; feature++) {
    let sum = bias[feature] ?? 0;
    for (let i = 0, at = feature * width; i < width; i++, at++) sum += (encoder[at] ?? 0) * (x[i] ?? 0);
    values[feature] = sum;
  }
  const on = activeAmong(active, values);
  return { features: on, values: on.map((feature) => values[feature] ?? 0) };
}

/** The residual that a code stands for, as far as the autoencoder knows, [width]; the residual itself is asked for its length and mean only. */
export function decode(sae: Sae, code: Code, residual: Float32Array): Float32Array {
  const { width, decoder, decoderBias } = sae;
  const out = Float64Array.from(decoderBias);
  for (const [index, feature] of code.features.entries())
    for (let i = 0, at = feature * width; i < width; i++, at++)
      out[i] = (out[i] ?? 0) + (code.values[index] ?? 0) * (decoder[at] ?? 0);
  const { mean, scale } = shiftOf(sae.input, residual);
  return Float32Array.from(out, (value) => value / scale + mean);
}
