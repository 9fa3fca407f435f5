import type { Edits } from "./edits/edit.ts";
import type { ModelFacts } from "./model/model-facts.ts";
import type { ChatMessage } from "./prompt/chat-message.ts";
import type { ChatPrompt } from "./prompt/chat-prompt.ts";
import type { TokenText } from "./prompt/token-text.ts";
import type { ActiveFeatures, Dictionary } from "./readout/dictionary.ts";
import type { Readout } from "./readout/readout.ts";
import type { Sampling } from "./sampling/sampling.ts";
import type { TapName } from "./taps/tap-name.ts";

/** What an implementation can do; shared code asks these and never which implementation it has. */
export interface EngineProperties {
  /** When a token's readings are known: with its own pass, or only after the response. */
  readings: "per-token" | "after-response";
  /** What computes most of the model: `CPU`, or the accelerator's own name. */
  device: string;
  /** Sequences that can be open at a time. */
  sequences: number;
  /** Most tokens of one sequence, prompt and response together. */
  contextTokens: number;
  /** Whether a sequence can forget its last tokens: sliding windows and recurrent states cannot. */
  rewinds: boolean;
  /** Whether sequences can be edited. */
  edits: boolean;
  /** Types of the attention memory's keys and values, for example `k:bf16,v:f16`; readings depend on them. */
  kvType: string;
}

/** Runs a model and reads its residual stream in the same pass. */
export interface Engine {
  readonly model: ModelFacts;
  readonly properties: EngineProperties;
  readonly taps: readonly TapName[];
  /** Names of the other lanes: the same weights with other adapters. */
  readonly lanes: readonly string[];
  /** A lane as an engine of its own, with its own sequences; what was opened first closes it. Throws MODX_ENGINE_LANE. */
  lane(name: string): Engine;

  /** Plain text to tokens; text that spells a control token stays text. */
  tokenize(text: string): Promise<Int32Array>;
  /** A conversation to tokens, up to and with the opening of the assistant's turn. */
  prompt(messages: readonly ChatMessage[]): Promise<ChatPrompt>;
  /** A fresh decoder of response tokens to text. */
  text(): TokenText;
  /** Whether a token ends the response. */
  isEnd(token: number): boolean;

  /**
   * Replaces the rows that every following step reads, and the dictionaries of which it finds the active features. Waits for the
   * running step.
   */
  bind(readouts: readonly Readout[], dictionaries?: readonly Dictionary[]): Promise<void>;
  /** Names of the bound rows, in the order of a token's readings. */
  readonly rowNames: readonly string[];

  /**
   * Opens a sequence of at most `maxTokens` tokens. Waits while all are taken; throws MODX_ENGINE_TOO_LONG when one
   * cannot hold as many.
   */
  start(request: SequenceRequest): Promise<Sequence>;
  close(): Promise<void>;
}

export interface SequenceRequest {
  /** Tokens of prompt and response together. */
  maxTokens: number;
  /** What it will begin with, where that is known: a sequence that holds the same beginning in memory is gone on with. */
  prefix?: Int32Array;
  sampling?: Sampling;
  /** Throws MODX_ENGINE_ARGUMENT where the engine was opened without edits. */
  edits?: Edits;
  signal?: AbortSignal;
}

/** A place in a sequence to go back to. */
export interface Mark {
  /** Tokens in memory there. */
  readonly length: number;
  readonly id: number;
}

/** One conversation in the model's memory. Steps of several sequences run in the same pass. */
export interface Sequence {
  /**
   * Appends tokens and decodes them. One decode of token t gives reading(t) and, with `sample`, the choice of t+1.
   * Calls of one sequence must not overlap.
   */
  decode(tokens: Int32Array, options?: DecodeOptions): Promise<Decoded>;
  /** Tokens in memory. */
  readonly length: number;
  /** Remembers this place, the sampler's state too; the last eight are kept. Not while a pass may run ahead. */
  mark(): Promise<Mark>;
  /**
   * Forgets all but the first `length` tokens, so that another continuation of them can be decoded; the sampler goes on where it is, or
   * from a mark where it was there. False, and nothing forgotten, where the model's memory cannot do that (recurrent, or a window that has
   * moved on): start anew.
   */
  rewind(to: number | Mark): Promise<boolean>;
  /** Replaces the sequence's edits from the next decode on; none without any. */
  edit(edits: Edits | null): Promise<void>;
  /** Gives the memory back; a second call does nothing. */
  close(): void;
}

export interface DecodeOptions {
  /** Choose the next token after the last one given. */
  sample?: boolean;
  /** Return the residuals at all taps. */
  capture?: boolean;
  /** Return the log probabilities of the tokens given, from this index on: 1 or more, as nothing is known of what precedes a call. */
  likelihoodFrom?: number;
  /**
   * With `sample`: the next decode of the sequence, if any, will be of the chosen token alone and without capture. Its pass
   * may begin at once.
   */
  ahead?: boolean;
}

/** A chosen token among the likeliest, by the model's own distribution: no temperature, no penalty. */
export interface Choice {
  /** Natural log probability of the chosen token. */
  logProbability: number;
  /** The likeliest tokens, the likeliest first; the chosen one may be among them. */
  alternatives: { token: number; logProbability: number }[];
}

export interface Decoded {
  /** [tokens, rows] f32, raw residual scale; NaN at position 0. */
  readings: Float32Array;
  /** For each tap, in the engine's order: [tokens, width] f32, raw residual scale. Only with `capture`. */
  residuals?: Float32Array[];
  /** For each dictionary, in the order in which they were bound: the features that are active in each token; none at position 0. */
  features?: ActiveFeatures[];
  /**
   * Natural log probability of each token given from `likelihoodFrom` on, after those before it, by the model's own distribution
   * (no temperature). Only where asked for.
   */
  logProbabilities?: Float32Array;
  /** The chosen next token; null without `sample`. */
  next: number | null;
  /** How likely it was, and what else was; only where the sequence's sampling asks for it. */
  choice?: Choice;
  /** Of the tokens given, from the first on: those that memory held, which were neither decoded nor read again. */
  cached: number;
  /** Wall time of the passes that this decode took part in, and of tap copies and row evaluation inside them. */
  stepMs: number;
  readMs: number;
}
