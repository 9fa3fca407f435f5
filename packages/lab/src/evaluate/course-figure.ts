import type { ReportFigures } from "../report/evaluation-report.ts";
import { quantile } from "../stats/bootstrap.ts";

/** Fewer answers than this at a token have no quartiles worth drawing. */
const FEWEST = 8;

/** Quartiles of the running score at each response token, over the answers that have one there. */
export function courseFigure(
  arm: string,
  courses: readonly (readonly (number | null)[])[],
): ReportFigures["course"][number] {
  const longest = Math.max(0, ...courses.map((course) => course.length));
  const points = Array.from({ length: Math.max(0, longest - 1) }, (_, token) => {
    const scores = courses.flatMap((course) => course[token + 1] ?? []).sort((a, b) => a - b);
    return scores.length < FEWEST
      ? []
      : [{ token, low: quantile(scores, 0.25), median: quantile(scores, 0.5), high: quantile(scores, 0.75) }];
  });
  return { arm, points: points.flat() };
}
