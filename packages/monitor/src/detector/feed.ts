import { ModxError } from "@modx/errors";
import type { DetectorRun, TokenFacts } from "./detector.ts";

/** The readings of one of some tokens, [rows] f32: a view of those of all, [tokens, rows]. Throws MODX_INTERNAL where not all have equally many. */
export function ofToken(readings: Float32Array, token: number, tokens: number): Float32Array {
  const rows = readings.length / tokens;
  if (!Number.isInteger(rows))
    throw new ModxError("MODX_INTERNAL", {
      what: `A detector was fed ${readings.length} readings for ${tokens} tokens.`,
      remedy: "Report this.",
    });
  return readings.subarray(token * rows, (token + 1) * rows);
}

/**
 * Feeds a run the next response tokens at once: their readings, [tokens, rows] f32, and what else is known of each. Returns the score at each,
 * the same as if they had come one at a time.
 */
export function feed(run: DetectorRun, readings: Float32Array, facts: readonly TokenFacts[]): (number | null)[] {
  return facts.map((known, token) => run.token(ofToken(readings, token, facts.length), known));
}
