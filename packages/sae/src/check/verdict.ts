import { type Projector, plainProjector } from "../form/project.ts";
import type { Sae } from "../form/sae.ts";
import { activityOf, judgedOf, ownReading } from "./figures.ts";
import { otherReading } from "./other-reading.ts";
import { MOST_PRODUCTS, productsOf } from "./products.ts";
import { positionsOf, type Residuals } from "./residuals.ts";
import { type Expected, expectedOf, faultOf, type Published, rulesOf } from "./rules.ts";

/** What an autoencoder does on real residuals. */
export interface Figures {
  /** Positions that were looked at, the first of each text not among them. */
  tokens: number;
  /** Mean number of active features. */
  l0: number;
  /** Fraction of variance unexplained. */
  fvu: number;
  /** Share of the features that were never active. */
  dead: number;
  /** Mean number of active features at position 0; null where no text begins there. */
  firstPosition: number | null;
}

export interface Check {
  status: "ok" | "failed" | "unchecked";
  /** Null where it is unchecked. */
  figures: Figures | null;
  expected: Expected;
  /** What is likely wrong, or why nothing could be checked; null where all is well. */
  cause: string | null;
}

/** Fewer say little of a mean: it is off by the variance over their number. */
const FEWEST_TOKENS = 50;
/** Positions 0, which are much alike. */
const MOST_FIRST = 64;

/** Whether an autoencoder does on real residuals what it was published with, and what training gave it. */
export async function check(
  sae: Sae,
  texts: readonly Residuals[],
  published: Published,
  project: Projector = plainProjector,
): Promise<Check> {
  const most = Math.max(1, Math.floor(MOST_PRODUCTS / sae.features));
  const { tokens, first } = positionsOf(texts, sae.width, most);
  const count = tokens.length / sae.width;
  if (count < FEWEST_TOKENS)
    return unchecked(published, `there are residuals of ${count} positions, and ${FEWEST_TOKENS} are wanted`);
  const products = await productsOf(sae, tokens, project);
  const own = ownReading(sae);
  const { gain, offset, ...judged } = judgedOf(sae, products, own);
  const atFirst = first.subarray(0, MOST_FIRST * sae.width);
  const firstPosition = atFirst.length === 0 ? null : activityOf(sae, await productsOf(sae, atFirst, project), own).l0;
  const rules = rulesOf(published);
  const fault = faultOf({ ...judged, gain, offset }, sae.features, rules);
  const other = await otherReading(sae, products, rules, project);
  // of what is worse than the mean nearly any other reading leaves less
  const failed = fault !== null || (other?.better === true && !rules.poor);
  return {
    status: failed ? "failed" : "ok",
    figures: { tokens: count, ...judged, firstPosition },
    expected: expectedOf(published),
    cause: failed ? (other?.cause ?? fault) : null,
  };
}

/** The result where there is nothing to check it on. */
export function unchecked(published: Published, cause: string): Check {
  return { status: "unchecked", figures: null, expected: expectedOf(published), cause };
}
