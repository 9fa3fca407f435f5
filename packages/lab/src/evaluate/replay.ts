import { type Detector, feed } from "@modx/monitor";
import type { WatchedAnswer } from "./run-arm.ts";

const NOTHING = new Float32Array(0);

/**
 * A detector's running score along an answer that was given before: at the prompt, then at every token. For detectors that read text, or the
 * residual at the last prompt token, [taps, width] f32.
 */
export function replay(
  detector: Detector,
  answer: Pick<WatchedAnswer, "prompt" | "tokens" | "pieces">,
  residual?: Float32Array,
): (number | null)[] {
  const run = detector.start();
  const first = run.prompt({
    readings: NOTHING,
    user: { start: 0, end: 0 },
    lastPrompt: -1,
    text: answer.prompt,
    ...(residual !== undefined && { residual }),
  });
  const facts = answer.tokens.map((_, i) => ({ text: answer.pieces[i] ?? "", logProbability: null }));
  return [first, ...feed(run, NOTHING, facts)];
}

/** Highest score of a course up to and with response token `last`; -Infinity where there is none, Infinity where one is no number, which alarms. */
export function peakOf(course: readonly (number | null)[], last = Number.POSITIVE_INFINITY): number {
  let peak = Number.NEGATIVE_INFINITY;
  for (const [index, score] of course.entries()) {
    if (index - 1 > last) break;
    if (score !== null && Number.isNaN(score)) return Number.POSITIVE_INFINITY;
    if (score !== null && score > peak) peak = score;
  }
  return peak;
}

/** Response token of the first score above a threshold; -1: at the prompt; null where none is. */
export function firstAbove(course: readonly (number | null)[], threshold: number): number | null {
  const index = course.findIndex((score) => score !== null && (score > threshold || Number.isNaN(score)));
  return index < 0 ? null : index - 1;
}
