import type { Judged } from "./figures.ts";

/** What an autoencoder that is read rightly does. */
export interface Expected {
  /** As published; null where nothing is. */
  l0: number | null;
  /** Above this it explains too little to be read rightly. */
  fvu: number;
}

/** Of a published autoencoder on ordinary text; those that are read wrongly are above 1 as a rule. */
const MOST_FVU = 0.6;
/** How far the number of active features may be from the published one, as a factor. */
const L0_FACTOR = 2;
/** Share of the features that may be active in a token where no number is published. */
const MOST_ACTIVE = 0.1;
/**
 * Training leaves no common factor and no constant in the error, whatever the family: there its derivatives are 0. Of the autoencoders on
 * which `MUCH_LESS` was measured, read rightly, gains were 0.91 to 1.33 and offsets up to 0.03.
 */
const [LEAST_GAIN, MOST_GAIN] = [0.75, 1.45];
const MOST_OFFSET = 0.05;

export function expectedOf(l0: number | null): Expected {
  return { l0, fvu: MOST_FVU };
}

/** What is wrong with the figures, in words; null where nothing is. */
export function faultOf({ l0, fvu, gain, offset }: Judged, features: number, expected: Expected): string | null {
  const faults: string[] = [];
  const [least, most] =
    expected.l0 === null ? [1, MOST_ACTIVE * features] : [expected.l0 / L0_FACTOR, expected.l0 * L0_FACTOR];
  if (!(l0 >= least && l0 <= most))
    faults.push(
      `${l0.toFixed(1)} features are active in a token, where ${expected.l0 ?? `${least} to ${most.toFixed(0)}`} are expected`,
    );
  if (!(fvu <= expected.fvu))
    faults.push(
      `it leaves ${(100 * fvu).toFixed(0)} % of the variance unexplained: another layer, another model, or weights that are read wrongly`,
    );
  if (faults.length > 0) return faults.join("; ");
  if (!(gain >= LEAST_GAIN && gain <= MOST_GAIN))
    return `what it decodes is ${(1 / gain).toFixed(2)} times as large as it should be: a scale that is missing or applied twice`;
  if (!(offset <= MOST_OFFSET))
    return `the mean of what it decodes is off by ${(100 * offset).toFixed(0)} % of the variance: a bias or scale that is read wrongly, another layer, or another model`;
  return null;
}
