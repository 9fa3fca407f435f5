/** Readings of a whole prompt, with the positions that detectors look at. */
export interface PromptReadings {
  /** [tokens, rows] f32, raw residual scale; NaN at position 0. */
  readings: Float32Array;
  /** Tokens of the last user message; empty where there is none. */
  user: { start: number; end: number };
  /** Position of the last prompt token; -1 where no prompt was read. */
  lastPrompt: number;
  /** The last user message; for detectors that read text. */
  text?: string;
  /** [taps, width] f32, raw: the whole residual at the last prompt token, from the lowest tap up; for detectors that read it. */
  residual?: Float32Array;
}

/** What is known of a response token besides its readings. */
export interface TokenFacts {
  /** Text that became complete with it. */
  text: string;
  /** Natural log of the probability that the model gave it; null where the engine did not say. */
  logProbability: number | null;
}

/**
 * What a detector needs to be given. A guard gives readings alone; an evaluation gives the rest, of which whole residuals are too much to
 * copy out of every pass.
 */
export type Reads = "readings" | "text" | "probabilities" | "residual";

/** One part of a score: its name, its value, and what it adds to the score. */
export interface TermValue {
  name: string;
  value: number | null;
  contribution: number | null;
}

/** Turns the readings of one response into a running score. Pure: the same readings give the same scores. */
export interface DetectorRun {
  /** Takes the prompt's readings, once, before any token. Returns the score at the prompt, null where there is none yet. */
  prompt(prompt: PromptReadings): number | null;
  /** Takes the readings of the next response token, [rows] f32, and what else the detector reads. Returns the score there. */
  token(readings: Float32Array, facts?: TokenFacts): number | null;
  /** What the last score is made of. */
  explain(): TermValue[];
  /**
   * Of detectors that read the base too: whether its opinion of the request, which costs a pass over the prompt, could make the last score
   * exceed the threshold. Until it is known a score counts the least that the base could say.
   */
  readonly wantsBase?: boolean;
  /** Takes the base's readings at the last prompt token, [rows of the base] f32. Returns the last score anew. */
  base?(readings: Float32Array): number | null;
}

export interface Detector {
  readonly name: string;
  readonly algorithm: string;
  readonly version: number;
  readonly reads: Reads;
  readonly description: string;
  /** What it may say at most. */
  readonly level: "alarm" | "intent";
  readonly threshold: number;
  /** Response tokens that its calibration covers; infinite for a draft, which has none. */
  readonly calibratedLength: number;
  /** Whether its score depends on what the base thinks of the request. */
  readonly readsBase?: boolean;
  start(): DetectorRun;
}
