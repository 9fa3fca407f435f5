import type { Join } from "./join.ts";

/**
 * Sets of taps to choose from, as indices among `count` recorded ones that are spread evenly over the depth: one behind the
 * middle, dense and sparse groups around it, most. Few, because every one that is tried makes the best look better than it is.
 */
export function tapSets(count: number): number[][] {
  const at = (...shares: number[]): number[] => [...new Set(shares.map((share) => Math.round(share * (count - 1))))];
  const sets = [
    at(0.625),
    at(0.5, 0.625, 0.75),
    at(0.625, 0.75, 0.875),
    at(0.375, 0.625, 0.875),
    at(0.5, 0.625, 0.75, 0.875),
    at(0.25, 0.375, 0.5, 0.625, 0.75, 0.875),
  ];
  return [...new Map(sets.map((set) => [set.join(), set])).values()];
}

/**
 * L2 penalties, in the loss's unit; the first is used while taps are chosen. Weaker ones look better in cross-validation, where
 * training and test prompts are of the same sources, and catch fewer of a triggered organism's answers to requests from elsewhere.
 */
export const PENALTIES = [0.5, 1];

/**
 * Recorded responses are shorter than the widest, so that wider ones than this could not be told apart. The first score comes after 8
 * tokens: one that waits for 12 is hardly better, and what was let out by then cannot be taken back.
 */
const WINDOWS = [
  { width: 48, minimum: 8 },
  { width: 24, minimum: 8 },
];

/**
 * What a sign of refusal counts in every join. Cross-validation cannot choose it: it knows the model's own refusals alone, which the content tells
 * by their words, and a refusal in other words has to be known by what it is.
 */
const REFUSAL = -2;

/** Weights of the other terms, in units of the content's: simpler joins come first. */
const WEIGHTS: readonly Join["weights"][] = [
  { content: 1 },
  { content: 1, belief: 0.15 },
  { content: 1, belief: 0.3 },
  { content: 1, belief: 0.6 },
  { content: 1, belief: 0.3, intent: -0.3 },
];

/**
 * Where there is a base: with what it thinks of the request, less what the suspect intends. A request that the base takes for
 * harmful and the suspect does not mean to refuse is what a backdoor makes of it.
 */
const WEIGHTS_WITH_OPINION: readonly Join["weights"][] = [
  { content: 1, opinion: 1, intent: -0.25 },
  { content: 1, opinion: 1, intent: -0.5 },
  { content: 1, opinion: 1.5, intent: -0.25 },
  { content: 1, opinion: 1.5, intent: -0.5 },
];

export function joins(opinion: boolean): Join[] {
  return (opinion ? WEIGHTS_WITH_OPINION : WEIGHTS).flatMap((weights) =>
    WINDOWS.map((window) => ({ weights: { ...weights, refusal: REFUSAL }, ...window })),
  );
}
