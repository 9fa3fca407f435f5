import { ModxError } from "@modx/errors";
import type { NativeSampling } from "../native/surface.ts";
import { grammarCost } from "./grammar-cost.ts";

/**
 * How the next token is chosen, by llama.cpp's samplers in llama-server's order and with its names and defaults, except that greedy is the
 * default: bias, grammar, penalties, DRY; then greedily, or by mirostat, or by top-k, typical, top-p, min-p, XTC, temperature and seed.
 */
export interface Sampling {
  /** 0 is greedy, whatever the cuts say. Defaults to 0. */
  temperature?: number;
  /** 0 keeps all. Defaults to 0. */
  topK?: number;
  /** In (0, 1]; 1 keeps all. Defaults to 1. */
  topP?: number;
  /** In [0, 1); 0 keeps all. Defaults to 0. */
  minP?: number;
  /** Locally typical sampling, in (0, 1]; 1 keeps all. Defaults to 1. */
  typicalP?: number;
  /** Chance that XTC removes all likely tokens but the least likely of them, and from which probability on a token is one. Default to 0 and .1. */
  xtcProbability?: number;
  xtcThreshold?: number;
  /** Factor on tokens among the last `repeatLastN`, those of the prompt included; 1 for none. Default to 1 and 64. */
  repeatPenalty?: number;
  repeatLastN?: number;
  /** Taken off the logit of such tokens: once, and for each time. Default to 0. */
  presencePenalty?: number;
  frequencyPenalty?: number;
  /** DRY: against repeated passages longer than `dryAllowedLength` tokens. Default to 0 (off), 1.75, 2 and the whole context. */
  dryMultiplier?: number;
  dryBase?: number;
  dryAllowedLength?: number;
  dryPenaltyLastN?: number;
  /** Texts that a passage does not go across. Defaults to a line's end, a colon, a quote and an asterisk. */
  drySequenceBreakers?: readonly string[];
  /** 1 or 2: mirostat of that version instead of the cuts; 0: none. Defaults to 0, surprise 5 nats and rate .1. */
  mirostat?: number;
  mirostatTau?: number;
  mirostatEta?: number;
  /** Added to the logits of tokens; -Infinity forbids one. Defaults to none. */
  logitBias?: readonly (readonly [token: number, bias: number])[];
  /** GBNF whose root is called `root`. Defaults to none. */
  grammar?: string;
  /** 32 bits unsigned. Defaults to 0; the same seed gives the same tokens. */
  seed?: number;
  /** How many of the likeliest tokens to tell of, with the chosen one's log probability. Defaults to neither. */
  alternatives?: number;
}

const MAX_SEED = 2 ** 32 - 1;
/** Of alternatives; more than any interface asks for. */
const MAX_ALTERNATIVES = 100;
/** Characters of a grammar; llama.cpp takes very long over larger ones. */
const MAX_GRAMMAR = 100_000;
/** With as many ways at one place of a grammar a token takes a second or two. */
const MAX_OPTIONAL = 100;
const MAX_CHOICES = 5_000;
/** Of DRY's breakers, and bytes of each: llama.cpp goes through the vocabulary for each, and cuts longer ones. */
const MAX_BREAKERS = 16;
const MAX_BREAKER_BYTES = 40;
const BREAKERS: readonly string[] = ["\n", ":", '"', "*"];

interface Range {
  least: number;
  most: number;
  /** The ends themselves are no values. */
  open?: "least" | "most";
  whole?: boolean;
}

const UNIT: Range = { least: 0, most: 1 };
const COUNT: Range = { least: 0, most: 2 ** 31 - 1, whole: true };

const RANGES = {
  temperature: { least: 0, most: 100 },
  topK: COUNT,
  topP: { ...UNIT, open: "least" },
  minP: { ...UNIT, open: "most" },
  typicalP: { ...UNIT, open: "least" },
  xtcProbability: UNIT,
  xtcThreshold: UNIT,
  repeatPenalty: { least: 0, most: 100, open: "least" },
  repeatLastN: { ...COUNT, most: 2 ** 20 },
  presencePenalty: { least: -100, most: 100 },
  frequencyPenalty: { least: -100, most: 100 },
  dryMultiplier: { least: 0, most: 100 },
  dryBase: { least: 1, most: 100 },
  dryAllowedLength: { ...COUNT, most: 2 ** 20 },
  dryPenaltyLastN: { ...COUNT, most: 2 ** 20 },
  mirostat: { ...COUNT, most: 2 },
  mirostatTau: { least: 0, most: 100, open: "least" },
  mirostatEta: { least: 0, most: 1, open: "least" },
  seed: { ...COUNT, most: MAX_SEED },
  alternatives: { ...COUNT, most: MAX_ALTERNATIVES },
} satisfies Record<string, Range>;

const DEFAULTS: Required<Omit<Sampling, "logitBias" | "alternatives">> = {
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  typicalP: 1,
  xtcProbability: 0,
  xtcThreshold: 0.1,
  repeatPenalty: 1,
  repeatLastN: 64,
  presencePenalty: 0,
  frequencyPenalty: 0,
  dryMultiplier: 0,
  dryBase: 1.75,
  dryAllowedLength: 2,
  dryPenaltyLastN: 2 ** 20,
  drySequenceBreakers: BREAKERS,
  mirostat: 0,
  mirostatTau: 5,
  mirostatEta: 0.1,
  grammar: "",
  seed: 0,
};

/** Throws MODX_USAGE_SAMPLING for a value that no sampler takes. `vocabularySize` bounds the tokens of a bias. */
export function checkSampling(sampling: Sampling, vocabularySize: number = Number.POSITIVE_INFINITY): NativeSampling {
  for (const [name, range] of Object.entries(RANGES)) {
    const value = sampling[name as keyof typeof RANGES];
    if (value !== undefined) checkRange(name, value, range);
  }
  const { logitBias = [], alternatives, ...said } = sampling;
  for (const [token, bias] of logitBias) {
    checkRange("a token of logitBias", token, { ...COUNT, most: vocabularySize - 1 });
    if (Number.isNaN(bias) || Math.fround(bias) === Number.POSITIVE_INFINITY)
      throw refused("a bias of logitBias", bias, "a number, or -Infinity");
  }
  const all = { ...DEFAULTS, ...said };
  checkGrammar(all.grammar);
  return {
    ...all,
    drySequenceBreakers: checkBreakers(all.drySequenceBreakers),
    biasTokens: Int32Array.from(logitBias, ([token]) => token),
    biasValues: Float32Array.from(logitBias, ([, bias]) => bias),
    alternatives: alternatives ?? -1,
  };
}

function checkGrammar(grammar: string): void {
  if (grammar === "") return;
  if (grammar.length > MAX_GRAMMAR)
    throw refused("the length of the grammar", grammar.length, `at most ${MAX_GRAMMAR} characters`);
  const cost = grammarCost(grammar);
  if (cost === null) {
    throw new ModxError("MODX_USAGE_SAMPLING", {
      what: "The grammar cannot be read, or its groups and rules nest too deeply.",
      remedy: "Give GBNF with a rule that is called root.",
    });
  }
  if (cost.optional > MAX_OPTIONAL)
    throw refused(
      "the number of parts in a row that the grammar lets be left out",
      cost.optional,
      `at most ${MAX_OPTIONAL}`,
    );
  if (cost.choices > MAX_CHOICES)
    throw refused("the number of texts among which the grammar chooses", cost.choices, `at most ${MAX_CHOICES}`);
}

function checkBreakers(breakers: readonly string[]): string[] {
  const different = [...new Set(breakers)];
  if (different.length > MAX_BREAKERS)
    throw refused("the number of drySequenceBreakers", different.length, `at most ${MAX_BREAKERS} different ones`);
  for (const breaker of different) {
    const bytes = Buffer.byteLength(breaker);
    if (bytes < 1 || bytes > MAX_BREAKER_BYTES)
      throw refused("the length of one of drySequenceBreakers", bytes, `1 to ${MAX_BREAKER_BYTES} bytes`);
  }
  return different;
}

function checkRange(name: string, value: number, { least, most, open, whole = false }: Range): void {
  const inside =
    value >= least && value <= most && !(open === "least" && value === least) && !(open === "most" && value === most);
  if (inside && (!whole || Number.isInteger(value))) return;
  const from = open === "least" ? `above ${least}` : `from ${least}`;
  throw refused(
    name,
    value,
    `a ${whole ? "whole " : ""}number ${from} ${open === "most" ? `and below ${most}` : `to ${most}`}`,
  );
}

function refused(name: string, value: number, wanted: string): ModxError {
  return new ModxError("MODX_USAGE_SAMPLING", { what: `${name} is ${value}.`, remedy: `Give ${wanted}.` });
}
