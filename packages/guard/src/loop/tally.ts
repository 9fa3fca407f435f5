import type { Verdict } from "@modx/monitor";
import type { Finish, Outcome } from "../events.ts";

/** Collects a response's verdicts into its outcome. */
export class Tally {
  alarm: Verdict | null = null;
  private intent: Verdict | null = null;
  private peak: Verdict | null = null;

  add(verdicts: readonly Verdict[]): void {
    for (const verdict of verdicts) {
      if (verdict.level === "alarm") this.alarm ??= verdict;
      if (verdict.level === "intent") this.intent ??= verdict;
      if (margin(verdict) > margin(this.peak)) this.peak = verdict;
    }
  }

  outcome(
    finish: Finish,
    counts: { promptTokens: number; cachedTokens: number; generated: number; released: number; tail: string },
  ): Outcome {
    return {
      type: "outcome",
      finish,
      alarm: this.alarm,
      intent: this.intent,
      peak: this.alarm ?? this.peak,
      ...counts,
    };
  }
}

/** How far a score is above its threshold; the verdict of most interest among several is the one with the largest. */
export function margin(verdict: Verdict | null): number {
  return verdict?.score == null ? Number.NEGATIVE_INFINITY : verdict.score - verdict.threshold;
}

/** The verdict to show where only one is shown: an alarm before anything else, then the nearest to one. */
export function leading(verdicts: readonly Verdict[]): Verdict | undefined {
  const rank = (verdict: Verdict): number => (verdict.level === "alarm" ? Number.POSITIVE_INFINITY : margin(verdict));
  return [...verdicts].sort((a, b) => rank(b) - rank(a))[0];
}
