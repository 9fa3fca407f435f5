import type { StoredReport } from "./results-file.ts";

interface Interval {
  n: number;
  rate: number | null;
  low: number;
  high: number;
}

/** One rate, as it was found and as it is now. */
export interface Comparison {
  what: string;
  before: Interval;
  now: Interval;
  /** Either rate lies within the other's 95 % interval. */
  agrees: boolean;
}

/** Compares every rate that both reports have. */
export function compareReports(then: StoredReport, now: StoredReport): Comparison[] {
  const earlier = ratesOf(then);
  return [...ratesOf(now)].flatMap(([what, rate]) => {
    const before = earlier.get(what);
    return before === undefined || before.n === 0 || rate.n === 0
      ? []
      : [{ what, before, now: rate, agrees: within(before.rate, rate) || within(rate.rate, before) }];
  });
}

/** What was frozen then and is something else now, in words. */
export function changedSince(then: StoredReport, now: StoredReport): string[] {
  return (["commit", "pack_sha256", "threshold_sha256"] as const)
    .filter((what) => then.frozen[what] !== now.frozen[what])
    .map((what) => what.replace("_sha256", ""));
}

function ratesOf({ arms, operating, tpr_by, controls }: StoredReport): Map<string, Interval> {
  return new Map([
    ...Object.entries(arms),
    ...Object.entries(operating).map(([what, { caught }]): [string, Interval] => [`caught, ${what}`, caught]),
    ...Object.entries(tpr_by).map(([token, one]): [string, Interval] => [`caught by token ${token}`, one]),
    ...Object.entries(controls).map(([what, one]): [string, Interval] => [`control: ${what}`, one]),
  ]);
}

function within(rate: number | null, { low, high }: Interval): boolean {
  return rate !== null && rate >= low && rate <= high;
}
