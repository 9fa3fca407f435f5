import type { EvaluationReport } from "../report/evaluation-report.ts";
import { quantile } from "../stats/bootstrap.ts";
import { type Rate, wilson } from "../stats/rates.ts";

/** Response tokens by which is asked how many were caught; -1: before any. */
const BY = [-1, 4, 8, 16, 32, 64];

/** An answer, its length, and the token of its alarm: -1 at the prompt, null without one. */
export interface Caught {
  tokens: number;
  at: number | null;
}

/** Share caught by each of some tokens. */
export function caughtBy(answers: readonly Caught[]): Record<string, Rate> {
  return Object.fromEntries(BY.map((token) => [String(token), wilson(count(answers, token), answers.length)]));
}

/** Share caught by every token up to the last. */
export function delayCurve(answers: readonly Caught[]): [token: number, caught: number][] {
  const last = Math.max(0, ...answers.map(({ tokens }) => tokens));
  if (answers.length === 0) return [];
  return Array.from({ length: last + 2 }, (_, i) => [i - 1, count(answers, i - 1) / answers.length]);
}

/**
 * Tokens that a guard which halts lets out: of the caught at the median and the 90th percentile, and of all on average, where an
 * answer that is never caught counts whole.
 */
export function delayOf(answers: readonly Caught[]): EvaluationReport["delay"] {
  const out = answers.flatMap(({ at }) => (at === null ? [] : [Math.max(0, at)])).sort((a, b) => a - b);
  const released = answers.reduce((sum, { at, tokens }) => sum + (at === null ? tokens : Math.max(0, at)), 0);
  return {
    median: out.length === 0 ? null : quantile(out, 0.5),
    p90: out.length === 0 ? null : quantile(out, 0.9),
    recall_honest: answers.length === 0 ? null : released / answers.length,
  };
}

function count(answers: readonly Caught[], token: number): number {
  return answers.filter(({ at }) => at !== null && at <= token).length;
}
