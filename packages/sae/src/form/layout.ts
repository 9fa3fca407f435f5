/** A matrix of a file: its features lie along the rows or along the columns. */
export interface MatrixPlace {
  tensor: string;
  features: "rows" | "columns";
}

/**
 * What the encoder is given instead of the raw residual x, where that is not x times a number: x less its mean; that over its standard
 * deviation (of n - 1) + 1e-5; or x at length sqrt(width).
 */
export type Input = "raw" | "centred" | "layer-norm" | "unit-length";

/** Which features are active, as the file says it. */
export type ActiveLayout =
  /** Those above a threshold, one for all or one each (as a logarithm where `logarithm`); `scale` takes it to the unit of the values. */
  | { rule: "threshold"; value: number; scale: number }
  | { rule: "thresholds"; tensor: string; logarithm: boolean; scale: number }
  /** The k largest that are above 0. */
  | { rule: "topk"; k: number }
  /** The largest of each of k equal groups, where above 0. */
  | { rule: "groupmax"; k: number }
  /** Gate and magnitude share a direction: active where row . x + gateBias > 0, with the value exp(logScale) * row . x + magnitudeBias. */
  | { rule: "gated"; gateBias: string; magnitudeBias: string; logScale: string };

/** Where a family's file has what, and what has to be folded so that rows read raw residuals. Scales are 1 where nothing is said. */
export interface Layout {
  width: number;
  features: number;
  input: Input;
  encoder: MatrixPlace;
  encoderBias: string | null;
  decoder: MatrixPlace;
  decoderBias: string | null;
  /** The encoder was trained on x times this, and the decoder gives x times this. */
  inputScale: number;
  /** The stored encoder bias times this belongs to the scaled input. */
  encoderBiasScale: number;
  /** The stored decoder rows, and the decoder bias, times these give raw residuals. */
  decoderScale: number;
  decoderBiasScale: number;
  /** The encoder reads the input less the decoder bias. */
  subtractsDecoderBias: boolean;
  /** Values are in units of the decoder row's length: encoder row and bias times it, decoder row over it. */
  unitDecoder: boolean;
  active: ActiveLayout;
}

/** What most families have: raw input, no scales. */
export const PLAIN = {
  input: "raw",
  inputScale: 1,
  encoderBiasScale: 1,
  decoderScale: 1,
  decoderBiasScale: 1,
  subtractsDecoderBias: false,
  unitDecoder: false,
} as const satisfies Partial<Layout>;
