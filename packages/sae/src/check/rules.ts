import type { Judged } from "./figures.ts";

/** What is known of an autoencoder. */
export interface Published {
  /** Active features of a token; null where nothing is said. */
  l0: number | null;
  /** Whether that is only how many training kept: in use fewer are active. */
  l0OfTraining?: boolean;
  /** Share of the variance that it explains; below 0 where the mean would do better. */
  explained?: number | null;
}

/** What an autoencoder that is read rightly does. */
export interface Expected {
  /** As published; null where nothing is. */
  l0: number | null;
  /** Above this it explains too little to be read rightly. */
  fvu: number;
}

/** The same with what else it is judged by. */
export interface Rules extends Expected {
  leastL0: number;
  /** Whether it explains less than the mean would, as published: what training should have brought about it has not. */
  poor: boolean;
}

/** Of a published autoencoder on ordinary text; those that are read wrongly are above 1 as a rule. */
const MOST_FVU = 0.6;
/**
 * Where it is published how much is explained: what is left of the authors' own text, times a factor for other text and a quantised model.
 * Some say 0.999, which these are not held to: no limit is below the least.
 */
const [FVU_FACTOR, LEAST_FVU] = [1.5, 0.4];
/** How far the number of active features may be from the published one, as a factor. */
const L0_FACTOR = 2;
/** How far below it may be where training kept so many: Llama Scope says 50, and 29 were measured in block 15 of its 8x set. */
const TRAINING_FACTOR = 5;
/** Share of the features that may be active in a token where no number is published. */
const MOST_ACTIVE = 0.1;
/**
 * Training leaves no common factor and no constant in the error, whatever the family: there its derivatives are 0. Of the autoencoders on
 * which `MUCH_LESS` was measured, read rightly, gains were 0.91 to 1.33 and offsets up to 0.03.
 */
const [LEAST_GAIN, MOST_GAIN] = [0.75, 1.45];
const MOST_OFFSET = 0.05;

export function rulesOf({ l0, l0OfTraining = false, explained = null }: Published): Rules {
  return {
    l0,
    leastL0: l0 === null ? 1 : l0 / (l0OfTraining ? TRAINING_FACTOR : L0_FACTOR),
    fvu: explained === null ? MOST_FVU : Math.max(LEAST_FVU, FVU_FACTOR * (1 - explained)),
    poor: explained !== null && explained < 0,
  };
}

export function expectedOf(published: Published): Expected {
  const { l0, fvu } = rulesOf(published);
  return { l0, fvu };
}

/** What is wrong with the figures, in words; null where nothing is. */
export function faultOf({ l0, fvu, gain, offset }: Judged, features: number, expected: Rules): string | null {
  const faults: string[] = [];
  const least = expected.leastL0;
  const most = expected.l0 === null ? MOST_ACTIVE * features : expected.l0 * L0_FACTOR;
  if (!(l0 >= least && l0 <= most))
    faults.push(
      `${l0.toFixed(1)} features are active in a token, where ${expected.l0 ?? `${least} to ${most.toFixed(0)}`} are expected`,
    );
  if (!(fvu <= expected.fvu))
    faults.push(
      `it leaves ${(100 * fvu).toFixed(0)} % of the variance unexplained: another layer, another model, or weights that are read wrongly`,
    );
  if (faults.length > 0) return faults.join("; ");
  if (expected.poor) return null;
  if (!(gain >= LEAST_GAIN && gain <= MOST_GAIN))
    return `what it decodes is ${(1 / gain).toFixed(2)} times as large as it should be: a scale that is missing or applied twice`;
  if (!(offset <= MOST_OFFSET))
    return `the mean of what it decodes is off by ${(100 * offset).toFixed(0)} % of the variance: a bias or scale that is read wrongly, another layer, or another model`;
  return null;
}
