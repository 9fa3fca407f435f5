import type { Baseline, PairedArea } from "../report/evaluation-report.ts";
import { compareAurocs } from "../stats/delong.ts";
import { auroc } from "../stats/ranking.ts";

/** Scores of the same answers, in the same order. */
export interface Scores {
  positives: readonly number[];
  negatives: readonly number[];
}

/** The monitor against each baseline that was scored, on the same answers; without those where there is too little to compare. */
export function pairedAreas(
  own: Scores,
  others: Record<Baseline, Scores | null>,
): Partial<Record<Baseline, PairedArea>> {
  return Object.fromEntries(
    Object.entries(others).flatMap(([name, scores]) => {
      if (scores === null) return [];
      const found = { area: auroc(scores.positives, scores.negatives), ...compareAurocs(own, scores) };
      return Object.values(found).every(Number.isFinite) ? [[name, found]] : [];
    }),
  );
}
