import { randomInt } from "node:crypto";
import type { Sampling } from "@modx/engine";
import type { z } from "zod";
import type { chatSchema } from "./chat-schema.ts";

/** llama.cpp's seeds are of 32 bits, and its largest stands for a random one. */
const SEEDS = 2 ** 32 - 1;
/** Tokens that penalties look back over where a request says all of them. */
const WHOLE_CONTEXT = 2 ** 20;

/** Parameters of a request and the sampler's names for them, where they say the same. */
const SAME = {
  temperature: "temperature",
  top_p: "topP",
  min_p: "minP",
  typical_p: "typicalP",
  xtc_probability: "xtcProbability",
  xtc_threshold: "xtcThreshold",
  repeat_penalty: "repeatPenalty",
  presence_penalty: "presencePenalty",
  frequency_penalty: "frequencyPenalty",
  dry_multiplier: "dryMultiplier",
  dry_base: "dryBase",
  dry_allowed_length: "dryAllowedLength",
  dry_sequence_breakers: "drySequenceBreakers",
  mirostat: "mirostat",
  mirostat_tau: "mirostatTau",
  mirostat_eta: "mirostatEta",
  grammar: "grammar",
} as const satisfies Record<string, keyof Sampling>;

/**
 * How a request wants its tokens chosen. Absent means greedy, where OpenAI means a temperature of 1: packs are calibrated on greedy
 * answers, and nothing else has their false-alarm rate. Sampling without a seed (or with llama-server's -1) takes a new one each time.
 */
export function samplingOf(data: z.infer<typeof chatSchema>): Sampling {
  const { seed, top_k, repeat_last_n, dry_penalty_last_n, logit_bias, logprobs, top_logprobs } = data;
  const said = Object.entries(SAME).flatMap(([name, ours]) => {
    const value = data[name as keyof typeof SAME];
    return value == null ? [] : [[ours, value]];
  });
  return {
    ...(Object.fromEntries(said) as Sampling),
    topK: Math.max(0, top_k ?? 0),
    seed: seed == null || seed === -1 ? randomInt(SEEDS) : seed >>> 0,
    ...(repeat_last_n != null && { repeatLastN: lookBack(repeat_last_n) }),
    ...(dry_penalty_last_n != null && { dryPenaltyLastN: lookBack(dry_penalty_last_n) }),
    ...(logit_bias != null && { logitBias: biasesOf(logit_bias) }),
    ...((logprobs === true || (top_logprobs ?? 0) > 0) && { alternatives: top_logprobs ?? 0 }),
  };
}

function lookBack(tokens: number): number {
  return tokens === -1 ? WHOLE_CONTEXT : Math.min(tokens, WHOLE_CONTEXT);
}

type Biases = NonNullable<z.infer<typeof chatSchema>["logit_bias"]>;

function biasesOf(biases: Biases): [token: number, bias: number][] {
  const pairs = Array.isArray(biases) ? biases : Object.entries(biases);
  return pairs.map(([token, bias]) => [Number(token), bias === false ? Number.NEGATIVE_INFINITY : bias]);
}
