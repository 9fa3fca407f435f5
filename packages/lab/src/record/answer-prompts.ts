import type { Engine } from "@modx/engine";
import { type Keep, keepNothing } from "../files/kept-results.ts";
import type { Prompt } from "../prompts/prompt-file.ts";
import { LABEL_RULE } from "./label-rule.ts";
import { naturalPlan } from "./plan.ts";
import { readEach } from "./prompt-reader.ts";
import { recordResponses } from "./record-response.ts";

export interface AnswerOptions {
  /** Its `sequences` answers run at a time; it needs no taps. */
  engine: Engine;
  prompts: readonly Prompt[];
  maxTokens: number;
  /** Where answers are kept, of settings that say what runs. */
  keep?: Keep;
  onProgress?: (done: number, total: number) => void;
}

export interface ModelAnswer {
  id: string;
  prompt: Prompt;
  /** Response tokens, without the one that ends it. */
  tokens: number[];
}

/** Greedy answers to the prompts, those that neither refuse nor are degenerate; in the order of the prompts. */
export async function compliantAnswers(options: AnswerOptions): Promise<ModelAnswer[]> {
  const { engine, prompts, maxTokens, keep = keepNothing, onProgress } = options;
  const answers = new Map<Prompt, ModelAnswer>();
  let done = 0;
  await readEach(engine, naturalPlan(prompts), async (planned, reader) => {
    const { prompt } = planned;
    const tokens = await keep({ complied: prompt.text, maxTokens, labelRule: LABEL_RULE }, async () => {
      for await (const { tokens, label } of recordResponses(engine, reader, [planned], { maxTokens, keep: 0 }))
        if (label === "answered") return tokens;
      return null;
    });
    if (tokens !== null) answers.set(prompt, { id: prompt.id, prompt, tokens });
    onProgress?.(++done, prompts.length);
  });
  return prompts.flatMap((prompt) => answers.get(prompt) ?? []);
}
