import type { Edits } from "../edits/edit.ts";
import type { Decoded, DecodeOptions, EngineProperties, Mark } from "../engine.ts";
import type { EngineOptions } from "../in-process-engine.ts";
import type { ModelFacts } from "../model/model-facts.ts";
import type { ChatMessage } from "../prompt/chat-message.ts";
import type { ChatPrompt } from "../prompt/chat-prompt.ts";
import type { PieceTable } from "../prompt/vocabulary.ts";
import type { Dictionary } from "../readout/dictionary.ts";
import type { Readout } from "../readout/readout.ts";
import type { Sampling } from "../sampling/sampling.ts";

/**
 * What parent and child say to each other, in V8's structured form, so that arrays travel as bytes. Every question has an answer,
 * and the answers of different questions come in any order.
 */
export interface Calls {
  open: { ask: EngineOptions; answer: Opened };
  tokenize: { ask: string; answer: Int32Array };
  prompt: { ask: readonly ChatMessage[]; answer: ChatPrompt };
  bind: { ask: Bound; answer: readonly string[] };
  /** `sequence` is a number of the parent's choice, by which the sequence goes from then on. */
  start: {
    ask: { sequence: number; maxTokens: number; prefix?: Int32Array; sampling?: Sampling; edits?: Edits };
    answer: null;
  };
  /** Stops waiting for a slot, or closes the sequence where it has one. */
  end: { ask: number; answer: null };
  decode: { ask: { sequence: number; tokens: Int32Array; options: DecodeOptions }; answer: Decoded };
  mark: { ask: number; answer: Mark };
  rewind: { ask: { sequence: number; to: number | Mark }; answer: boolean };
  edit: { ask: { sequence: number; edits: Edits | null }; answer: null };
  close: { ask: null; answer: null };
  ping: { ask: null; answer: Pulse };
}

export interface Pulse {
  /** How long the pass that runs has been running; 0 where none does. */
  passMs: number;
}

export interface Bound {
  readouts: readonly Readout[];
  dictionaries: readonly Dictionary[];
}

/** What is known of a lane without asking it. */
export interface OpenedLane {
  properties: EngineProperties;
  taps: readonly string[];
}

export interface Opened extends OpenedLane {
  model: ModelFacts;
  vocabulary: PieceTable;
  lanes: Record<string, OpenedLane>;
}

export type CallName = keyof Calls;

export interface Question<N extends CallName = CallName> {
  id: number;
  /** Lane that is asked; the first where absent. */
  lane: string | null;
  call: N;
  ask: Calls[N]["ask"];
}

export type Answer =
  | { id: number; value: unknown }
  | { id: number; error: { code: string; what: string; remedy: string } };
