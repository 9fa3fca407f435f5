/** Everything the addon exports, as C++ defines it in `native/*.cc`. Nothing else in this package touches the addon. */
export interface Addon {
  start(librariesFolder: string): void;
  /** Accelerators that llama.cpp found, the best first. */
  devices(): { name: string; description: string }[];
  version(): string;
  /** Products of `rows` [n, width] with `inputs` [t, width], as [t, n], off the JavaScript thread. */
  project(rows: Float32Array, width: number, inputs: Float32Array, threads: number): Promise<Float32Array>;
  Model: { load(path: string, options: { gpuLayers: number }): Promise<NativeModel> };
  Adapter: { load(model: NativeModel, path: string): Promise<NativeAdapter> };
  Sampler: new (model: NativeModel, options: NativeSampling) => NativeSampler;
  Context: { create(model: NativeModel, options: NativeContextOptions): Promise<NativeContext> };
}

export interface NativeModel {
  facts(): NativeModelFacts;
  metadata(): Record<string, string>;
  vocabulary(): Uint8Array;
  /** With `special`, the text of a control token becomes that token; without it, it stays plain text. */
  tokenize(text: string, special: boolean): Int32Array;
  piece(token: number): Uint8Array;
  isEnd(token: number): boolean;
  dispose(): void;
}

export interface NativeModelFacts {
  layers: number;
  width: number;
  trainedContext: number;
  vocabularySize: number;
  quantisation: string;
  bytes: number;
  parameters: number;
  decodes: boolean;
  /** Text of the tokens that begin and end a text, empty where the vocabulary has none. */
  beginText: string;
  endText: string;
  beginToken: number;
  addsBegin: boolean;
  chatTemplate: string | null;
}

export interface NativeAdapter {
  readonly nativeAdapter?: never;
}

export interface NativeEdit {
  layer: number;
  /** [width]. */
  direction: Float32Array;
  amount: number;
  /** Row whose value is taken off the amount; without weights its bias. */
  kept: { weights: Float32Array; bias: number };
  gate: { weights: Float32Array; bias: number } | null;
  above: number;
}

export interface NativeSampler {
  /** Another sampler in the state that this one is in. */
  copy(): NativeSampler;
  /** Shows what stands before the response to those of its samplers that look back. */
  see(tokens: Int32Array): void;
  /** Frees it now; a pass that runs with it still may. */
  dispose(): void;
}

/** As `Sampling`, all of it said. */
export interface NativeSampling {
  temperature: number;
  topK: number;
  topP: number;
  minP: number;
  typicalP: number;
  xtcProbability: number;
  xtcThreshold: number;
  repeatPenalty: number;
  repeatLastN: number;
  presencePenalty: number;
  frequencyPenalty: number;
  dryMultiplier: number;
  dryBase: number;
  dryAllowedLength: number;
  dryPenaltyLastN: number;
  drySequenceBreakers: readonly string[];
  mirostat: number;
  mirostatTau: number;
  mirostatEta: number;
  /** [n] tokens, and what is added to the logit of each. */
  biasTokens: Int32Array;
  biasValues: Float32Array;
  /** GBNF, its root called `root`; empty for none. */
  grammar: string;
  seed: number;
  /** Likely tokens to tell of with their log probabilities, beside the chosen one's; -1 for neither. */
  alternatives: number;
}

export interface NativeContextOptions {
  tokens: number;
  batch: number;
  sequences: number;
  threads: number;
  taps: { layer: number; graphNode: boolean }[];
  adapters: { adapter: NativeAdapter; scale: number }[];
  /** Whether sequences may be edited. */
  edits: boolean;
}

export interface NativeContext {
  /** `together`: most sequences that may share a pass. */
  limits(): {
    tokens: number;
    batch: number;
    sequences: number;
    together: number;
    kvType: string;
    rewinds: boolean;
    offloaded: boolean;
  };
  /** Replaces a sequence's edits; none where the list is empty. */
  edit(sequence: number, from: number, edits: readonly NativeEdit[]): void;
  /** `rows` [n, width], `bias` [n], `taps` [n] as indices into the context's taps. */
  bind(rows: Float32Array, bias: Float32Array, taps: Uint32Array, dictionaries: readonly NativeDictionary[]): void;
  decode(
    tokens: Int32Array,
    positions: Int32Array,
    sequences: Int32Array,
    outputs: Uint8Array,
    samplers: (NativeSampler | null)[],
    capture: boolean,
    /** For each token, one whose log probability behind it is wanted, or -1. */
    targets?: Int32Array | null,
  ): Promise<NativeDecoded>;
  /**
   * The pass after the last one given, with one token for each of its sampled ones; it begins without waiting for
   * JavaScript. Null where a response ended, nothing was sampled or the last pass failed.
   */
  follow(): Promise<NativeDecoded | null>;
  remove(sequence: number, from: number): boolean;
  dispose(): void;
}

export interface NativeDictionary {
  tap: number;
  /** [features, width], raw residual scale. */
  encoder: Float32Array;
  bias: Float32Array;
  /** [features]; empty where `topK` is above 0. */
  thresholds: Float32Array;
  topK: number;
}

export interface NativeDecoded {
  /** [tokens, rows] f32. */
  readings: Float32Array;
  /** [taps, tokens, width] f32, raw residual scale; only with `capture`. */
  residuals?: Float32Array;
  /** [tokens] f32, natural; NaN where no target was given. Only with targets. */
  logProbabilities?: Float32Array;
  /** For each dictionary: where each token's features begin, [tokens + 1], which they are, and their values. Only with dictionaries. */
  features?: { starts: Uint32Array; features: Uint32Array; values: Float32Array }[];
  /** One token id for each output, -1 where no sampler was given, -2 where it allowed no token. */
  sampled: Int32Array;
  /** For each output whose sampler tells of likely tokens: the chosen one, then the likeliest, with their log probabilities. */
  likely?: Int32Array;
  likelihoods?: Float32Array;
  /** Wall time of the whole pass, and of tap copies and row evaluation inside it. */
  stepMs: number;
  readMs: number;
}
