import type { NativeSampler } from "../native/surface.ts";

export interface StepShape {
  taps: number;
  width: number;
  /** Most tokens in one pass. */
  batch: number;
  /** Most sequences in one pass. */
  together: number;
}

export interface DecodeRequest {
  slot: number;
  /** Position of the first token. */
  from: number;
  tokens: Int32Array;
  /** Chooses the next token, or null. */
  sampler: NativeSampler | null;
  /** Likely tokens that the sampler tells of beside the chosen one; null where of nothing. */
  alternatives: number | null;
  capture: boolean;
  /** Index of the first token whose log probability is wanted, at least 1; null for none. */
  likelihoodFrom: number | null;
  /** The slot's next request will be for the chosen token alone, without capture. */
  ahead: boolean;
  /** How often rows have been bound by now. */
  bindings: () => number;
  /** How often they had been when those tokens were read whose readings come before this request's; null where there are none. */
  readBy: number | null;
}
