import { ABSENT, type Interval, reportedFigures, type Unit } from "./reported-figures.ts";
import type { StoredReport } from "./results-file.ts";

/** One figure, as it was found and as it is now. */
export interface Comparison {
  what: string;
  unit: Unit;
  before: Interval;
  now: Interval;
  /** Either figure lies within the other's 95 % interval. */
  agrees: boolean;
}

/** Compares every figure that was found then with what is found now; one that is gone does not agree. */
export function compareReports(then: StoredReport, now: StoredReport): Comparison[] {
  const found = reportedFigures(now);
  return [...reportedFigures(then)].flatMap(([what, { unit, ...before }]) => {
    if (before.n === 0) return [];
    const { unit: _, ...interval } = found.get(what) ?? { unit, ...ABSENT };
    const agrees = within(before.rate, interval) || within(interval.rate, before);
    return [{ what, unit, before, now: interval, agrees }];
  });
}

/** What was frozen then and is something else now, in words. */
export function changedSince(then: StoredReport, now: StoredReport): string[] {
  return (["commit", "pack_sha256", "threshold_sha256"] as const)
    .filter((what) => then.frozen[what] !== now.frozen[what])
    .map((what) => what.replace("_sha256", ""));
}

function within(rate: number | null, { n, low, high }: Interval): boolean {
  return rate !== null && n > 0 && rate >= low && rate <= high;
}
