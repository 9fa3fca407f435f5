import type { Policy } from "@modx/guard";
import { toWire } from "../wire/wire-error.ts";
import type { AnswerEnd, AnswerStep } from "./answer.ts";
import { type Frame, finishReason, usageOf } from "./frame.ts";
import type { ContentLogProb } from "./logprobs.ts";
import { type AlertNote, outcomeNote } from "./notes.ts";

export interface ChunksOptions {
  frame: Frame;
  policy: Policy;
  /** All alerts of the response, at its end. */
  notes: AlertNote[];
  includeUsage: boolean;
  onError: ((error: unknown) => void) | undefined;
}

/**
 * An answer as the data of server-sent events: OpenAI's chunks, with a top-level `modx` key. What concerns no text that
 * leaves has `choices: []`. A failure becomes an error object, after which nothing follows.
 */
export async function* chatChunks(
  steps: AsyncGenerator<AnswerStep | AnswerEnd, void, undefined>,
  { frame, policy, notes, includeUsage, onError }: ChunksOptions,
): AsyncGenerator<string, void, undefined> {
  const chunk = (choices: object[], more: object = {}): string =>
    JSON.stringify({
      id: frame.id,
      object: "chat.completion.chunk",
      created: frame.created,
      model: frame.model,
      system_fingerprint: frame.system_fingerprint,
      choices,
      ...(includeUsage && { usage: null }),
      ...more,
    });
  const choice = (
    delta: object,
    finish_reason: string | null = null,
    logprob: ContentLogProb | null = null,
  ): object[] => [{ index: 0, delta, logprobs: logprob === null ? null : { content: [logprob] }, finish_reason }];

  try {
    for await (const step of steps) {
      if (step.type === "end") {
        const delta = step.content === "" ? {} : { content: step.content };
        const modx = outcomeNote(step.outcome, policy, notes);
        yield chunk(choice(delta, finishReason(step.outcome.finish)), { modx });
        if (includeUsage) yield chunk([], { usage: usageOf(step.outcome) });
        continue;
      }
      const [alert, ...others] = step.alerts;
      const modx = { ...step.score, ...(alert !== undefined && { alert }) };
      const more = Object.keys(modx).length === 0 ? {} : { modx };
      if (step.type === "prompt") yield chunk(choice({ role: "assistant", content: "" }), more);
      else if (step.content !== "" || "modx" in more || step.logprob !== null)
        yield chunk(step.type === "withheld" ? [] : choice({ content: step.content }, null, step.logprob), more);
      for (const other of others) yield chunk([], { modx: { alert: other } });
    }
    yield "[DONE]";
  } catch (error) {
    const { status, body } = toWire(error);
    if (status === 500) onError?.(error);
    yield JSON.stringify(body);
  }
}
