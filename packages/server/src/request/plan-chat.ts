import { ModxError } from "@modx/errors";
import type { GenerateRequest } from "@modx/guard";
import type { Served } from "../state/server-state.ts";
import { checkModel } from "./check-model.ts";
import type { ChatRequest } from "./parse-chat.ts";
import { RequestError } from "./request-error.ts";

/**
 * What the guard is to generate. Everything that can be refused is refused here, before a stream begins and its HTTP
 * status is sent: MODX_SERVER_MODEL, MODX_SERVER_REVEAL, MODX_ENGINE_TEMPLATE, MODX_ENGINE_TOO_LONG.
 */
export async function planChat(
  request: ChatRequest,
  served: Served,
  { reveal }: { reveal: boolean },
): Promise<GenerateRequest> {
  checkModel(request.model, served);
  if (request.reveal && !reveal) {
    throw new RequestError("MODX_SERVER_REVEAL", {
      what: "This server shows the text of withheld tokens to nobody.",
      remedy: "Its owner can allow it with: modx serve --reveal",
      param: "modx.reveal",
    });
  }
  const { messages, sampling, stop } = request;
  return { messages, sampling, stop, maxTokens: await responseTokens(request, served) };
}

/** A number that was asked for must fit; the default takes what is left. */
async function responseTokens({ messages, maxTokens }: ChatRequest, { guard, defaultTokens }: Served): Promise<number> {
  const { engine } = guard;
  const { contextTokens } = engine.properties;
  const promptTokens = (await engine.prompt(messages)).tokens.length;
  const wanted = maxTokens ?? Math.max(1, Math.min(defaultTokens, contextTokens - promptTokens));
  if (promptTokens + wanted <= contextTokens) return wanted;
  throw new ModxError("MODX_ENGINE_TOO_LONG", {
    // OpenAI's words: there are clients that look for them
    what: `This model's maximum context length is ${contextTokens} tokens. However, you requested ${promptTokens + wanted} tokens (${promptTokens} in the messages, ${wanted} in the completion).`,
    remedy: "Please reduce the length of the messages or completion.",
  });
}
