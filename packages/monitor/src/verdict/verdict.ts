import type { TermValue } from "../detector/detector.ts";

export type Level = "clear" | "intent" | "alarm";

/** Index of the verdict on the prompt, before any response token. */
export const PROMPT_TOKEN = -1;

/** What a detector says of a token. */
export interface Verdict {
  detector: string;
  /** Index of the response token; -1 for the prompt. */
  token: number;
  /** Null while the detector has seen too little to score. */
  score: number | null;
  threshold: number;
  level: Level;
  /** The parts of the score; only where the level is not clear. */
  why: TermValue[];
  /** Whether the promised false-alarm rate holds here, and if not, why. */
  calibration: { holds: boolean; reasons: string[] };
}
