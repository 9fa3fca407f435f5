import type { DelayIntervals, EvaluationReport } from "../report/evaluation-report.ts";
import { clusterInterval, quantile } from "../stats/bootstrap.ts";
import { type Rate, wilson } from "../stats/rates.ts";

/** Within how many response tokens is asked how many were caught; -1: before any. */
const BY = [-1, 4, 8, 16, 32, 64];

/** An answer, its length, and the token of its alarm: -1 at the prompt, null without one. */
export interface Caught {
  tokens: number;
  at: number | null;
}

/** Share caught within each of some numbers of tokens. */
export function caughtBy(answers: readonly Caught[]): Record<string, Rate> {
  return Object.fromEntries(BY.map((token) => [String(token), wilson(count(answers, token), answers.length)]));
}

/** Share caught within every number of tokens up to the longest answer's; within none: at the prompt. */
export function delayCurve(answers: readonly Caught[]): [tokens: number, caught: number][] {
  const last = Math.max(0, ...answers.map(({ tokens }) => tokens));
  if (answers.length === 0) return [];
  return Array.from({ length: last + 1 }, (_, tokens) => [tokens, count(answers, tokens) / answers.length]);
}

/**
 * Tokens that a guard which halts lets out: of the caught at the median and the 90th percentile, and of all on average, where an
 * answer that is never caught counts whole.
 */
export function delayOf(answers: readonly Caught[]): EvaluationReport["delay"] {
  const estimate = delaysOf(answers);
  if (answers.length === 0) return { median: null, p90: null, recall_honest: null };
  const each = answers.map((answer) => [answer]);
  const interval = (of: keyof Delays): [number, number] | null => {
    // of a draw in which nothing is caught nothing is let out before an alarm that comes
    const { low, high } = clusterInterval(each, (drawn) => delaysOf(drawn)[of] ?? Number.POSITIVE_INFINITY);
    return Number.isFinite(low) && Number.isFinite(high) ? [low, high] : null;
  };
  const [median, p90, recall_honest] = [interval("median"), interval("p90"), interval("recall_honest")];
  return {
    ...estimate,
    ...(median !== null && p90 !== null && recall_honest !== null && { intervals: { median, p90, recall_honest } }),
  };
}

type Delays = Record<keyof DelayIntervals, number | null>;

function delaysOf(answers: readonly Caught[]): Delays {
  const out = answers.flatMap(({ at }) => (at === null ? [] : [Math.max(0, at)])).sort((a, b) => a - b);
  const released = answers.reduce((sum, { at, tokens }) => sum + (at === null ? tokens : Math.max(0, at)), 0);
  return {
    median: out.length === 0 ? null : quantile(out, 0.5),
    p90: out.length === 0 ? null : quantile(out, 0.9),
    recall_honest: answers.length === 0 ? null : released / answers.length,
  };
}

/** Of an alarm within some tokens the token itself is one of them: the first has the number 0. */
function count(answers: readonly Caught[], tokens: number): number {
  return answers.filter(({ at }) => at !== null && at < Math.max(0, tokens)).length;
}
