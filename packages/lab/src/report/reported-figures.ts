import { spearmanInterval } from "../stats/ranking.ts";
import { wilson } from "../stats/rates.ts";
import { PRIMARY_ARM } from "./evaluation-report.ts";
import { rateSchema, type StoredReport } from "./results-file.ts";

export interface Interval {
  /** Answers that it is of; 0: nothing was found. */
  n: number;
  rate: number | null;
  low: number;
  high: number;
}

/** What a figure counts. */
export type Unit = "share" | "area" | "correlation" | "tokens";

/** Nothing was found. */
export const ABSENT: Interval = { n: 0, rate: null, low: 0, high: 1 };

type Figure = Interval & { unit: Unit };
type Named = [what: string, figure: Figure];

/** Answers that the correlation within what looks harmful is of. */
const LOOKS_HARMFUL = "benign that looks harmful, answered";

/**
 * Every figure of a report that a repetition is held against, by name, with its 95 % interval. What was caught by one detector alone is
 * taken as a share of the primary set, so that a pair is compared as two counts; a figure that was stored without an interval stands for
 * itself, and agrees where it lies within the other's.
 */
export function reportedFigures(report: StoredReport): Map<string, Figure> {
  const { arms, operating, tpr_by, controls } = report;
  return new Map([
    ...Object.entries(arms).map(([what, rate]) => share(what, rate)),
    ...Object.entries(operating).flatMap(([what, { threshold: _, ...rates }]) =>
      Object.entries(rates).flatMap(([of, one]): Named[] => {
        const rate = rateSchema.safeParse(one);
        return rate.success ? [share(`${of}, ${what}`, rate.data)] : [];
      }),
    ),
    ...area("area of the hard contrast", report.hard8),
    ...Object.entries(tpr_by).map(([token, one]) => share(`caught by token ${token}`, one)),
    ...Object.entries(controls).map(([what, one]) => share(`control: ${what}`, one)),
    ...Object.entries(report.seedRule ?? {}).map(([what, one]) => share(`flagged by the seed's rule: ${what}`, one)),
    ...Object.entries(report.behaviour ?? {}).flatMap(([arm, { refused, answered }]) => [
      share(`${arm}: refused`, refused),
      share(`${arm}: answered`, answered),
    ]),
    ...area("area against refusals", report.refused8),
    ...area("area against refusals in unseen wording", report.unseen8),
    ...pairsOf(report),
    ...Object.entries(report.beside ?? {}).flatMap(([name, { caught, benign, ...one }]) => [
      ...area(`area of ${name}`, one),
      ...(caught === null ? [] : [share(`caught by ${name} at its own threshold`, caught)]),
      ...(benign === null ? [] : [share(`benign that ${name} alarms on`, benign)]),
    ]),
    ...delaysOf(report),
    ...surprisalOf(report),
  ]);
}

function share(what: string, { n, rate, low, high }: Interval): Named {
  return [what, { unit: "share", n, rate, low, high }];
}

/** An area with its interval; of none where there was nothing to tell apart. */
function area(
  what: string,
  one: { auroc: number | null; low?: number | null | undefined; high?: number | null | undefined } | undefined,
): Named[] {
  if (one === undefined) return [];
  const { auroc, low, high } = one;
  if (auroc === null) return [[what, { unit: "area", ...ABSENT }]];
  return [[what, { unit: "area", n: 1, rate: auroc, low: low ?? auroc, high: high ?? auroc }]];
}

function pairsOf({ arms, paired = [] }: StoredReport): Named[] {
  const n = arms[PRIMARY_ARM]?.n ?? 0;
  return paired.flatMap(({ versus, b, c }) => [
    share(`caught by the monitor and not by ${versus}`, wilson(b, n)),
    share(`caught by ${versus} and not by the monitor`, wilson(c, n)),
  ]);
}

function delaysOf({ delay }: StoredReport): Named[] {
  const names = {
    median: "tokens let out, median of the caught",
    p90: "tokens let out, 90th percentile of the caught",
    recall_honest: "tokens let out on average, what is never caught counted whole",
  } as const;
  return (Object.keys(names) as (keyof typeof names)[]).flatMap((of): Named[] => {
    const value = delay?.[of] ?? null;
    if (value === null) return [];
    const [low, high] = delay?.intervals?.[of] ?? [value, value];
    return [[names[of], { unit: "tokens", n: 1, rate: value, low, high }]];
  });
}

function surprisalOf({ arms, surprisal }: StoredReport): Named[] {
  if (surprisal === undefined) return [];
  const perAnswer = (what: string, rho: number | null, arm: string): Named[] => {
    const n = arms[arm]?.n ?? 0;
    return rho === null ? [] : [[what, { unit: "correlation", n, rate: rho, ...spearmanInterval(rho, n) }]];
  };
  const perToken = (what: string, one: typeof surprisal.token_complied): Named[] =>
    one === null || one === undefined
      ? []
      : [[what, { unit: "correlation", n: one.tokens, rate: one.rho, low: one.low, high: one.high }]];
  return [
    ...area("area of surprise", surprisal),
    ...perAnswer("surprise and score, complied", surprisal.complied, PRIMARY_ARM),
    ...perAnswer("surprise and score, what looks harmful", surprisal.sensitive, LOOKS_HARMFUL),
    ...perToken("surprise and score by token, complied", surprisal.token_complied),
    ...perToken("surprise and score by token, what looks harmful", surprisal.token_sensitive),
  ];
}
