import { z } from "zod";

/** Most messages of a conversation. Each is several tokens, so that more do not fit a context of 4096 anyway. */
const MAX_MESSAGES = 1024;
/** Most stop strings; OpenAI allows 4. */
const MAX_STOPS = 16;

const textPart = z.object({ type: z.literal("text"), text: z.string() });

const message = z.object({
  role: z.enum(["system", "developer", "user", "assistant"]),
  content: z.union([z.string(), z.array(textPart).min(1)], "must be text, or a list of parts of type text"),
});

/** Most alternatives of a token, as OpenAI has it. */
const MAX_TOP_LOGPROBS = 20;
/** Most biased tokens; OpenAI allows 300. */
const MAX_BIASES = 1024;

/** Most of DRY's sequence breakers, and characters of each; the engine counts bytes. */
const MAX_BREAKERS = 16;
const MAX_BREAKER = 40;

/** A token's bias; llama-server's `false` forbids the token. */
const bias = z.union([z.number().min(-100).max(100), z.literal(false)]);

/** The parameters of `/v1/chat/completions` that have a meaning here. Null is as good as absent, as OpenAI has it. */
export const chatSchema = z.object({
  messages: z.array(message).min(1).max(MAX_MESSAGES),
  model: z.string().nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  /** As vLLM has it, -1 keeps all, like 0. */
  top_k: z.int().min(-1).nullish(),
  min_p: z.number().min(0).lt(1).nullish(),
  seed: z.int().nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  /** OpenAI's map of token ids, or llama-server's list of pairs. */
  logit_bias: z
    .union([z.record(z.string().regex(/^\d+$/), bias), z.array(z.tuple([z.int().min(0), bias]))])
    .refine((biases) => Object.keys(biases).length <= MAX_BIASES, `must bias at most ${MAX_BIASES} tokens`)
    .nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(MAX_TOP_LOGPROBS).nullish(),
  // llama-server's own
  typical_p: z.number().gt(0).max(1).nullish(),
  repeat_penalty: z.number().gt(0).max(100).nullish(),
  /** -1 looks back over the whole context. */
  repeat_last_n: z.int().min(-1).nullish(),
  dry_multiplier: z.number().min(0).max(100).nullish(),
  dry_base: z.number().min(1).max(100).nullish(),
  dry_allowed_length: z.int().min(0).nullish(),
  dry_penalty_last_n: z.int().min(-1).nullish(),
  dry_sequence_breakers: z.array(z.string().min(1).max(MAX_BREAKER)).max(MAX_BREAKERS).nullish(),
  xtc_probability: z.number().min(0).max(1).nullish(),
  xtc_threshold: z.number().min(0).max(1).nullish(),
  mirostat: z.int().min(0).max(2).nullish(),
  mirostat_tau: z.number().gt(0).max(100).nullish(),
  mirostat_eta: z.number().gt(0).max(1).nullish(),
  grammar: z.string().nullish(),
  stop: z
    .union([z.string(), z.array(z.string()).max(MAX_STOPS)], `must be text, or at most ${MAX_STOPS} of them`)
    .nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  modx: z
    .object({
      /** Scores of all tokens. */
      scores: z.boolean().nullish(),
      /** Text of withheld tokens, where the owner allows it. */
      reveal: z.boolean().nullish(),
    })
    .nullish(),
});
