import { rateSchema, type StoredReport } from "./results-file.ts";

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

/** Nothing was found. */
const ABSENT: Interval = { n: 0, rate: null, low: 0, high: 1 };

/** Compares every rate that was found then with what is found now; one that is gone does not agree. */
export function compareReports(then: StoredReport, now: StoredReport): Comparison[] {
  const found = ratesOf(now);
  return [...ratesOf(then)].flatMap(([what, before]) => {
    if (before.n === 0) return [];
    const rate = found.get(what) ?? ABSENT;
    return [{ what, before, now: rate, agrees: within(before.rate, rate) || within(rate.rate, before) }];
  });
}

/** What was frozen then and is something else now, in words. */
export function changedSince(then: StoredReport, now: StoredReport): string[] {
  return (["commit", "pack_sha256", "threshold_sha256"] as const)
    .filter((what) => then.frozen[what] !== now.frozen[what])
    .map((what) => what.replace("_sha256", ""));
}

function ratesOf({ arms, operating, tpr_by, controls, hard8 }: StoredReport): Map<string, Interval> {
  return new Map([
    ...Object.entries(arms),
    ...Object.entries(operating).flatMap(([what, { threshold: _, ...rates }]) =>
      Object.entries(rates).flatMap(([of, one]): [string, Interval][] => {
        const rate = rateSchema.safeParse(one);
        return rate.success ? [[`${of}, ${what}`, rate.data]] : [];
      }),
    ),
    ...(hard8 === undefined ? [] : [areaOf(hard8)]),
    ...Object.entries(tpr_by).map(([token, one]): [string, Interval] => [`caught by token ${token}`, one]),
    ...Object.entries(controls).map(([what, one]): [string, Interval] => [`control: ${what}`, one]),
  ]);
}

/** The area under the curve with its interval; of none where there was nothing to tell apart. */
function areaOf({ auroc, low, high }: NonNullable<StoredReport["hard8"]>): [string, Interval] {
  const known = auroc !== null && low !== null && high !== null;
  return ["area of the hard contrast", known ? { n: 1, rate: auroc, low, high } : ABSENT];
}

function within(rate: number | null, { n, low, high }: Interval): boolean {
  return rate !== null && n > 0 && rate >= low && rate <= high;
}
