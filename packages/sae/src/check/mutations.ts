import type { Sae } from "../form/sae.ts";

/** A way to read an autoencoder wrongly. */
export interface Mutation {
  name: string;
  /** The rightly read autoencoder as it would come out; the residuals stay. */
  sae: Sae;
  /** What is only written otherwise, and gives every residual the same: nobody can catch it, nor has to. */
  symmetry: boolean;
  /** Whether the check is meant to notice it; of smaller differences it is only reported whether it does. */
  promised: boolean;
}

const FACTORS = [1.5, 2, 4, 1 / 1.5, 1 / 2, 1 / 4];
/** What changes little. */
const SMALL_FACTORS = [1.1, 1.25, 1 / 1.1, 1 / 1.25];

/** Wrong readings of a rightly read autoencoder, as far as they differ from it. */
export function mutationsOf(sae: Sae): Mutation[] {
  const wrong = (name: string, changed: Partial<Sae>): Mutation => ({
    name,
    sae: { ...sae, ...changed },
    symmetry: false,
    promised: true,
  });
  const { width, features, encoder, decoder, bias, decoderBias } = sae;
  const ofBias = products(sae, decoderBias);
  const residualsTimes = (factor: number, written: string): Mutation =>
    wrong(`residuals are read times ${written}`, {
      encoder: times(encoder, factor),
      decoder: times(decoder, 1 / factor),
      decoderBias: times(decoderBias, 1 / factor),
    });
  const encoderTimes = (factor: number, written: string): Mutation =>
    wrong(`the encoder is read times ${written}`, { encoder: times(encoder, factor) });
  const scaled = [residualsTimes, encoderTimes].flatMap((scale) => [
    ...FACTORS.map((factor) => scale(factor, factor.toPrecision(2))),
    ...SMALL_FACTORS.map((factor) => ({ ...scale(factor, factor.toPrecision(3)), promised: false })),
  ]);
  return [
    ...scaled,
    ...(sae.active.rule === "threshold" && sae.active.thresholds.some((threshold) => threshold > 0)
      ? [wrong("no threshold", { active: { rule: "threshold", thresholds: new Float32Array(features) } })]
      : []),
    wrong("the encoder lies the other way round", { encoder: turned(encoder, features, width) }),
    wrong("the decoder lies the other way round", { decoder: turned(decoder, features, width) }),
    wrong("encoder and decoder lie the other way round", {
      encoder: turned(encoder, features, width),
      decoder: turned(decoder, features, width),
    }),
    wrong("the decoder's bias is left out", { decoderBias: new Float32Array(width) }),
    wrong("the decoder's bias is subtracted once more", { bias: bias.map((value, i) => value - (ofBias[i] ?? 0)) }),
    wrong("the decoder's bias is subtracted once less", { bias: bias.map((value, i) => value + (ofBias[i] ?? 0)) }),
    {
      ...wrong(
        "the decoder's lengths are left out",
        withLengths(sae, (feature) => 0.4 + (feature % 5) / 10, false),
      ),
      // what other lengths a dictionary had can be as right as its own
      promised: false,
    },
    { name: "symmetry: features in another order", sae: reversed(sae), symmetry: true, promised: false },
    {
      name: "symmetry: values in other units",
      sae: { ...sae, ...withLengths(sae, unitOf(sae), true) },
      symmetry: true,
      promised: false,
    },
  ];
}

/** Of top-k families one unit for all: which values are the largest depends on it. */
function unitOf({ active }: Sae): (feature: number) => number {
  return active.rule === "threshold" ? (feature) => 0.5 + (feature % 5) / 2 : () => 3;
}

/** Encoder and bias times a length for each feature, decoder rows over it; thresholds too where they are `counted` in it. */
function withLengths(sae: Sae, length: (feature: number) => number, counted: boolean): Partial<Sae> {
  const { width, active } = sae;
  const each = (matrix: Float32Array, power: number): Float32Array =>
    matrix.map((value, at) => value * length(Math.floor(at / width)) ** power);
  return {
    encoder: each(sae.encoder, 1),
    bias: sae.bias.map((value, feature) => value * length(feature)),
    decoder: each(sae.decoder, -1),
    active:
      counted && active.rule === "threshold"
        ? { rule: "threshold", thresholds: active.thresholds.map((value, feature) => value * length(feature)) }
        : active,
  };
}

function reversed(sae: Sae): Sae {
  const { width, features, active } = sae;
  const rows = (matrix: Float32Array): Float32Array =>
    matrix.map((_, at) => matrix[(features - 1 - Math.floor(at / width)) * width + (at % width)] ?? 0);
  return {
    ...sae,
    encoder: rows(sae.encoder),
    decoder: rows(sae.decoder),
    bias: sae.bias.slice().reverse(),
    active: active.rule === "threshold" ? { ...active, thresholds: active.thresholds.slice().reverse() } : active,
  };
}

/** What a matrix [rows, columns] is when its numbers are taken for those of [columns, rows], and brought to [rows, columns]. */
function turned(matrix: Float32Array, rows: number, columns: number): Float32Array {
  return matrix.map((_, at) => matrix[(at % columns) * rows + Math.floor(at / columns)] ?? 0);
}

function times(values: Float32Array, factor: number): Float32Array {
  return values.map((value) => value * factor);
}

/** [features] encoder . x */
function products({ encoder, width, features }: Sae, x: Float32Array): Float64Array {
  const out = new Float64Array(features);
  for (const [at, value] of encoder.entries()) {
    const feature = Math.floor(at / width);
    out[feature] = (out[feature] ?? 0) + value * (x[at % width] ?? 0);
  }
  return out;
}
