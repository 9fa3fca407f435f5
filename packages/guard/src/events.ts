import type { Choice } from "@modx/engine";
import type { Verdict } from "@modx/monitor";

/** The prompt was read; nothing has been generated. */
export interface PromptEvent {
  type: "prompt";
  promptTokens: number;
  verdicts: Verdict[];
}

/** A response token was judged and let out, or withheld. */
export interface TokenEvent {
  type: "token";
  index: number;
  token: number;
  /** Text that became complete with this token. Whoever passes on a withheld token's text needs a right to it. */
  text: string;
  released: boolean;
  /** How likely it was, and what else; only where the request's sampling asks for it. */
  choice?: Choice;
  verdicts: Verdict[];
  /** [rows] f32, in the order of the guard's `rowNames`. */
  readings: Float32Array;
}

export type Finish = "stop" | "length" | "halted";

/** What all detectors together say of a whole response. */
export interface Outcome {
  type: "outcome";
  finish: Finish;
  /** The first alarm, or null. */
  alarm: Verdict | null;
  /** The first intent, or null. */
  intent: Verdict | null;
  /** The verdict with the highest score above (or nearest below) its threshold; null where nothing was scored. */
  peak: Verdict | null;
  promptTokens: number;
  /** Of them, from the first on, those that the engine's memory held from a request before. */
  cachedTokens: number;
  /** Response tokens that were generated (or given) and judged, and how many of them left. */
  generated: number;
  released: number;
  /** Text that no token completed, such as a cut character; empty after a halt. */
  tail: string;
}

export type GuardEvent = PromptEvent | TokenEvent | Outcome;
