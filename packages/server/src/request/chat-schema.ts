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
