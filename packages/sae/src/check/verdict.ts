import type { Sae } from "../form/sae.ts";
import { type Figures, measure, type Residuals } from "./check.ts";

/** What an autoencoder that is read rightly does; null where nothing is published. */
export interface Expected {
  l0: number | null;
  /** Above this it explains too little to be read rightly. */
  fvu: number;
}

export interface Check {
  status: "ok" | "failed";
  figures: Figures;
  expected: Expected;
  /** What is likely wrong; null where nothing is, or where it cannot be told. */
  cause: string | null;
}

/** Of a published autoencoder on ordinary text; those that are read wrongly are above 1 as a rule. */
const MOST_FVU = 0.6;
/** How far the number of active features may be from the published one, as a factor. */
const L0_FACTOR = 2;
/** Share of the features that may be active in a token where no number is published. */
const MOST_ACTIVE = 0.1;
/** Scales at which a wrongly scaled autoencoder may read rightly. */
const SCALES = [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1 / 1.5, 1.5, 2, 4, 8, 16, 32];
/** Residuals that are enough to compare causes on. */
const TEXTS_FOR_CAUSE = 4;

/** Whether an autoencoder does on real residuals what it was published with. */
export function check(sae: Sae, texts: readonly Residuals[], l0: number | null): Check {
  const expected: Expected = { l0, fvu: MOST_FVU };
  const figures = measure(sae, texts);
  const why = faultOf(figures, sae, expected);
  if (why === null) return { status: "ok", figures, expected, cause: null };
  return { status: "failed", figures, expected, cause: causeOf(sae, texts.slice(0, TEXTS_FOR_CAUSE), expected) ?? why };
}

/** What is wrong with the figures, in words. */
function faultOf({ l0, fvu }: Figures, { features }: Sae, expected: Expected): string | null {
  if (!Number.isFinite(fvu) || fvu > expected.fvu)
    return `it leaves ${(100 * fvu).toFixed(0)} % of the variance unexplained: another layer, another model, or weights that are read wrongly`;
  const [least, most] =
    expected.l0 === null ? [1, MOST_ACTIVE * features] : [expected.l0 / L0_FACTOR, expected.l0 * L0_FACTOR];
  if (l0 < least || l0 > most)
    return `${l0.toFixed(1)} features are active in a token, where ${expected.l0 === null ? `${least} to ${most.toFixed(0)}` : expected.l0} are expected`;
  return null;
}

/** A change of reading that makes it right. Unexplained variance is the same in any unit, so it is the residuals that are scaled. */
function causeOf(sae: Sae, texts: readonly Residuals[], expected: Expected): string | null {
  const right = (variant: Sae, scale: number): boolean => {
    const read = texts.map((text) => text.map((value) => value * scale));
    return faultOf(measure(variant, read), sae, expected) === null;
  };
  const scale = SCALES.find((candidate) => right(sae, candidate));
  if (scale !== undefined)
    return `the scale: residuals times ${scale.toPrecision(2)} are read rightly, so a normalisation is missing or applied twice`;
  if (right({ ...sae, decoderBias: new Float32Array(sae.width) }, 1))
    return "the decoder's bias: without it the residuals are read rightly";
  return null;
}
