import { decode, encode } from "../form/encode.ts";
import type { Sae } from "../form/sae.ts";

/** Residuals of one text at the place that the autoencoder reads: [positions, width], raw, from position 0 on. */
export type Residuals = Float32Array;

/** What an autoencoder does on real residuals. Position 0, whose residual is a hundred times the others', is counted by itself. */
export interface Figures {
  /** Positions that were looked at, the first of each text not among them. */
  tokens: number;
  /** Mean number of active features. */
  l0: number;
  /** Fraction of variance unexplained: squared error over squared distance to the mean residual. */
  fvu: number;
  /** Share of the features that were never active. */
  dead: number;
  /** Mean number of active features at position 0. */
  firstPosition: number;
}

export function measure(sae: Sae, texts: readonly Residuals[]): Figures {
  const { width, features } = sae;
  const ever = new Uint8Array(features);
  const mean = meanOf(texts, width);
  let [tokens, active, error, spread, first] = [0, 0, 0, 0, 0];
  for (const text of texts) {
    for (let position = 0; position < text.length / width; position++) {
      const residual = text.subarray(position * width, (position + 1) * width);
      const code = encode(sae, residual);
      if (position === 0) {
        first += code.features.length;
        continue;
      }
      tokens += 1;
      active += code.features.length;
      for (const feature of code.features) ever[feature] = 1;
      const said = decode(sae, code, residual);
      for (let i = 0; i < width; i++) {
        error += ((residual[i] ?? 0) - (said[i] ?? 0)) ** 2;
        spread += ((residual[i] ?? 0) - (mean[i] ?? 0)) ** 2;
      }
    }
  }
  return {
    tokens,
    l0: active / tokens,
    fvu: error / spread,
    dead: 1 - ever.reduce((sum, one) => sum + one, 0) / features,
    firstPosition: first / texts.length,
  };
}

function meanOf(texts: readonly Residuals[], width: number): Float64Array {
  const mean = new Float64Array(width);
  let count = 0;
  for (const text of texts) {
    for (let at = width; at < text.length; at++) mean[at % width] = (mean[at % width] ?? 0) + (text[at] ?? 0);
    count += text.length / width - 1;
  }
  return mean.map((sum) => sum / count);
}
