import type { ChatMessage, Sampling } from "@modx/engine";
import type { z } from "zod";
import { chatSchema } from "./chat-schema.ts";
import { refuseParameters } from "./refused-parameters.ts";
import { RequestError } from "./request-error.ts";
import { samplingOf } from "./sampling-of.ts";

/** What a client asks of `/v1/chat/completions`. */
export interface ChatRequest {
  messages: ChatMessage[];
  /** Null where the request names none. */
  model: string | null;
  /** Null where the request does not say. */
  maxTokens: number | null;
  sampling: Sampling;
  stop: string[];
  stream: boolean;
  includeUsage: boolean;
  /** Defaults to true in a stream, to false otherwise. */
  scores: boolean;
  reveal: boolean;
}

/** Throws MODX_SERVER_REQUEST or MODX_SERVER_UNSUPPORTED with the parameter's name. */
export function parseChat(body: unknown): ChatRequest {
  if (typeof body === "object" && body !== null) refuseParameters(body);
  const parsed = chatSchema.safeParse(body);
  if (!parsed.success) throw requestError(parsed.error);
  const { data } = parsed;
  return {
    messages: data.messages.map(({ role, content }) => ({
      // The newer name of the same; templates know the older one.
      role: role === "developer" ? "system" : role,
      // Joined as llama-server does.
      content: typeof content === "string" ? content : content.map((part) => part.text).join("\n"),
    })),
    model: data.model ?? null,
    maxTokens: data.max_completion_tokens ?? data.max_tokens ?? null,
    sampling: samplingOf(data),
    stop: typeof data.stop === "string" ? [data.stop] : (data.stop ?? []),
    stream: data.stream === true,
    includeUsage: data.stream_options?.include_usage === true,
    // a whole answer stays legible without them; in a stream each comes with its token
    scores: data.modx?.scores ?? data.stream === true,
    reveal: data.modx?.reveal === true,
  };
}

function requestError({ issues: [issue] }: z.ZodError): RequestError {
  const param = (issue?.path ?? [])
    .map((key, index) => (typeof key === "number" ? `[${key}]` : `${index === 0 ? "" : "."}${String(key)}`))
    .join("");
  return new RequestError("MODX_SERVER_REQUEST", {
    what: `Invalid ${param === "" ? "request" : `value for '${param}'`}: ${issue?.message ?? "not as expected"}.`,
    remedy: "Send what the OpenAI API defines.",
    param: param === "" ? null : param,
  });
}
