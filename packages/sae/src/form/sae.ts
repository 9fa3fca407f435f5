import type { Input } from "./layout.ts";

/** Which features are active, once thresholds are folded. */
export type Active =
  | { rule: "threshold" /** [features], in the unit of the values; active strictly above. */; thresholds: Float32Array }
  | { rule: "topk"; k: number }
  | { rule: "groupmax"; k: number };

/** What finds some features of a sparse autoencoder, in the canonical form: value = encoder . x + bias for a raw residual x. */
export interface EncoderRows {
  /** [rows, width] */
  encoder: Float32Array;
  /** [rows] */
  bias: Float32Array;
  /** [rows]; null where being active depends on the other features. */
  thresholds: Float32Array | null;
}

/** The same with what they write. */
export interface Rows extends EncoderRows {
  /** [rows, width], what one unit of the value adds to the raw residual. */
  decoder: Float32Array;
}

/** A whole sparse autoencoder in the canonical form. */
export interface Sae {
  width: number;
  features: number;
  input: Input;
  encoder: Float32Array;
  bias: Float32Array;
  decoder: Float32Array;
  /** [width] */
  decoderBias: Float32Array;
  active: Active;
}

/** Active features of one position, in ascending order. */
export interface Code {
  features: number[];
  values: number[];
}
