import type { Projector } from "../form/project.ts";
import type { Sae } from "../form/sae.ts";
import { judgedOf, ownReading, type Reading } from "./figures.ts";
import { multiply, type Products, thinned } from "./products.ts";
import { faultOf, type Rules } from "./rules.ts";

/** Factors by which a wrongly scaled autoencoder may be off. */
const SCALES = [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1 / 1.5, 1.5, 2, 4, 8, 16, 32];
/** Positions that are enough to compare causes on. */
const POSITIONS = 256;

/**
 * What the right reading leaves unexplained over what a wrong one does. Of autoencoders that were read rightly (top-k, JumpReLU, and two of
 * an L1 penalty, trained on SmolLM2's residuals; on text like theirs, and on code and other languages) no other reading left less than 0.85:
 * an L1 penalty makes values too small, which a larger scale makes up for.
 */
const MUCH_LESS = 0.75;
/** Less of the variance is no difference. */
const LEAST_DIFFERENCE = 0.005;
/** Multiplications for each: a quarter of a second. */
const MOST_DECODING = 2 ** 28;
/** How far a row of unit length may be from it, in half precision. */
const UNIT = 0.01;

interface Candidate {
  reading: Reading;
  cause: string;
}

/** Another way to read the same, that nothing is wrong with. */
export interface OtherReading {
  cause: string;
  /** Whether it explains so much more that it is the right one, whatever the figures of the first. */
  better: boolean;
}

/** The changed reading that explains most, of those that nothing is wrong with; null where there is none. */
export async function otherReading(
  sae: Sae,
  products: Products,
  expected: Rules,
  project: Projector,
): Promise<OtherReading | null> {
  const few = thinned(sae, products, POSITIONS);
  const own = judgedOf(sae, few, ownReading(sae), MOST_DECODING);
  const muchLess = Math.min(MUCH_LESS * own.fvu, own.fvu - LEAST_DIFFERENCE);
  // where so few positions show no fault, one that is as right as the first is no explanation
  let least = faultOf(own, sae.features, expected) === null ? muchLess : Number.POSITIVE_INFINITY;
  let best: OtherReading | null = null;
  for (const { reading, cause } of await candidates(sae, project)) {
    const other = judgedOf(sae, few, reading, MOST_DECODING);
    if (!(other.fvu < least) || faultOf(other, sae.features, expected) !== null) continue;
    least = other.fvu;
    best = { cause, better: other.fvu < muchLess };
  }
  return best;
}

async function candidates(sae: Sae, project: Projector): Promise<Candidate[]> {
  const own = ownReading(sae);
  const lengths = lengthsOf(sae);
  const ofBias = await multiply(sae, sae.decoderBias, project);
  const shifted = (sign: number): Float32Array => own.bias.map((value, i) => value + sign * (ofBias[i] ?? 0));
  return [
    ...SCALES.map((scale) => ({
      reading: { ...own, scale, unscale: scale },
      cause: `the scale: residuals times ${scale.toPrecision(2)} are read rightly, so a normalisation is missing or applied twice`,
    })),
    ...SCALES.map((scale) => ({
      reading: { ...own, scale },
      cause: `the encoder's scale: its weights times ${scale.toPrecision(2)} read rightly`,
    })),
    {
      reading: { ...own, decoderBias: new Float32Array(sae.width) },
      cause: "the decoder's bias: without it the residuals are read rightly",
    },
    {
      reading: { ...own, bias: shifted(1) },
      cause: "the decoder's bias: the encoder reads the residual itself, not less that bias",
    },
    {
      reading: { ...own, bias: shifted(-1) },
      cause: "the decoder's bias: the encoder reads the residual less that bias",
    },
    ...(lengths.every((length) => Math.abs(length - 1) < UNIT)
      ? []
      : [{ reading: { ...own, lengths }, cause: "the lengths of the decoder's rows: values are counted in them" }]),
  ];
}

function lengthsOf({ width, features, decoder }: Sae): Float64Array {
  const lengths = new Float64Array(features);
  for (let feature = 0; feature < features; feature++) {
    let square = 0;
    for (let at = feature * width; at < (feature + 1) * width; at++) square += (decoder[at] ?? 0) ** 2;
    // a feature that writes nothing has no length to be counted in
    lengths[feature] = Math.sqrt(square) || 1;
  }
  return lengths;
}
