import { randomUUID } from "node:crypto";
import type { Finish, Outcome } from "@modx/guard";
import { fingerprint, type Served } from "../state/server-state.ts";

/** What all parts of one completion carry. */
export interface Frame {
  id: string;
  created: number;
  model: string;
  system_fingerprint: string;
}

export function createFrame(served: Served): Frame {
  return {
    id: `chatcmpl-${randomUUID().replaceAll("-", "")}`,
    created: Math.floor(Date.now() / 1000),
    model: served.name,
    system_fingerprint: fingerprint(served),
  };
}

/** OpenAI's word for how a response ended; a halt is what its clients know as a filter. */
export function finishReason(finish: Finish): "stop" | "length" | "content_filter" {
  return finish === "halted" ? "content_filter" : finish;
}

/** Withheld tokens were computed, so they count. */
export function usageOf({ promptTokens, cachedTokens, generated }: Outcome): CompletionUsage {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: generated,
    total_tokens: promptTokens + generated,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  };
}

interface CompletionUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details: { cached_tokens: number };
}
