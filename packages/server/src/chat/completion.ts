import type { Outcome, Policy } from "@modx/guard";
import type { AnswerEnd, AnswerStep } from "./answer.ts";
import { type Frame, finishReason, usageOf } from "./frame.ts";
import type { ContentLogProb } from "./logprobs.ts";
import { type AlertNote, outcomeNote, type TokenScore } from "./notes.ts";

export interface CompletionOptions {
  frame: Frame;
  policy: Policy;
  notes: AlertNote[];
  scores: boolean;
}

/** A whole answer as OpenAI's completion object, with a top-level `modx` key. */
export async function chatCompletion(
  steps: AsyncIterable<AnswerStep | AnswerEnd>,
  { frame, policy, notes, scores: wanted }: CompletionOptions,
): Promise<Record<string, unknown>> {
  let content = "";
  let outcome: Outcome | null = null;
  const scores: TokenScore[] = [];
  const logprobs: ContentLogProb[] = [];
  for await (const step of steps) {
    content += step.content;
    if (step.type === "end") {
      outcome = step.outcome;
      continue;
    }
    if (step.score !== null) scores.push(step.score);
    if (step.logprob !== null) logprobs.push(step.logprob);
  }
  if (outcome === null) throw new TypeError("an answer ends with its outcome");
  const message = { role: "assistant", content, refusal: null };
  return {
    id: frame.id,
    object: "chat.completion",
    created: frame.created,
    model: frame.model,
    system_fingerprint: frame.system_fingerprint,
    choices: [
      {
        index: 0,
        message,
        logprobs: logprobs.length === 0 ? null : { content: logprobs },
        finish_reason: finishReason(outcome.finish),
      },
    ],
    usage: usageOf(outcome),
    modx: { ...outcomeNote(outcome, policy, notes), ...((wanted || scores.length > 0) && { scores }) },
  };
}
