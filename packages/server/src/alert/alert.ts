import type { Action } from "@modx/guard";

/** An alarm, ready to be stored. It holds no text. */
export interface Alert {
  /** UUIDv7. */
  id: string;
  /** Id of the completion. */
  request: string;
  /** UTC, ISO 8601. */
  time: string;
  /** sha256 of the model's file, of its adapters, and of the detector's pack. */
  model: string;
  adapters: string[];
  pack: string;
  detector: string;
  /** Index of the response token; -1 for the prompt. */
  token: number;
  score: number | null;
  threshold: number;
  policy: Action;
  /** Response tokens that had left when it was raised. */
  released: number;
}

/** Returns whether the alert is on disk now, false for one that is not to be kept; throws when it could not be stored. */
export type OnAlert = (alert: Alert) => boolean;
