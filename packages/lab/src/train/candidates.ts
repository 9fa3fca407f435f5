import type { JoinShape } from "./join.ts";
import type { TermName } from "./terms.ts";

/**
 * Sets of taps to choose from, as indices among `count` recorded ones that are spread evenly over the depth: single ones of
 * the middle, sparse and dense groups, nearly all. Few, because every one that is tried makes the best look better than it is.
 */
export function tapSets(count: number): number[][] {
  const at = (...shares: number[]): number[] => [...new Set(shares.map((share) => Math.round(share * (count - 1))))];
  const sets = [
    at(0.375),
    at(0.5),
    at(0.625),
    at(0.25, 0.5, 0.75),
    at(0.375, 0.5, 0.625, 0.75),
    at(0.375, 0.625, 0.875),
    at(0.125, 0.375, 0.625, 0.875),
    at(0.25, 0.375, 0.5, 0.625, 0.75),
    at(0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875),
  ];
  return [...new Map(sets.map((set) => [set.join(), set])).values()];
}

/** L2 penalties, in the loss's unit; the first is used while taps are chosen. */
export const PENALTIES = [0.03, 0.01, 0.1];

const TERM_SETS: readonly (readonly TermName[])[] = [
  ["content"],
  ["content", "refusal"],
  ["content", "belief"],
  ["content", "belief", "refusal"],
  ["content", "belief", "intent"],
  ["content", "belief", "intent", "refusal"],
  ["refusal", "belief"],
];

const WINDOWS = [
  { width: 16, minimum: 4 },
  { width: 32, minimum: 4 },
  { width: 32, minimum: 8 },
  { width: 64, minimum: 4 },
  { width: 64, minimum: 8 },
];

export function joinShapes(): JoinShape[] {
  return TERM_SETS.flatMap((terms) => WINDOWS.map((window) => ({ terms, ...window })));
}
