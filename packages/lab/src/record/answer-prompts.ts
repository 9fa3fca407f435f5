import type { Engine } from "@modx/engine";
import { labelAnswer } from "../label/answer-label.ts";
import type { Prompt } from "../prompts/prompt-file.ts";

export interface AnswerOptions {
  /** Its `sequences` answers run at a time. */
  engine: Engine;
  prompts: readonly Prompt[];
  maxTokens: number;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

export interface ModelAnswer {
  id: string;
  prompt: Prompt;
  /** Response tokens, without the one that ends it. */
  tokens: number[];
}

/** Greedy answers to the prompts, those that neither refuse nor are degenerate; in the order of the prompts. */
export async function compliantAnswers(options: AnswerOptions): Promise<ModelAnswer[]> {
  const { engine, prompts, maxTokens, onProgress, signal } = options;
  const answers = new Map<string, ModelAnswer>();
  const waiting = prompts.values();
  let done = 0;
  const work = async (): Promise<void> => {
    for (const prompt of waiting) {
      signal?.throwIfAborted();
      const { tokens, text } = await answer(engine, prompt.text, maxTokens);
      if (labelAnswer(text) === "answered") answers.set(prompt.id, { id: prompt.id, prompt, tokens });
      onProgress?.(++done, prompts.length);
    }
  };
  await Promise.all(Array.from({ length: engine.properties.sequences }, work));
  return prompts.flatMap(({ id }) => answers.get(id) ?? []);
}

async function answer(engine: Engine, text: string, maxTokens: number): Promise<{ tokens: number[]; text: string }> {
  const prompt = engine.prompt([{ role: "user", content: text }]);
  const sequence = await engine.start({ maxTokens: prompt.tokens.length + maxTokens });
  try {
    const tokens: number[] = [];
    const decoder = engine.text();
    let said = "";
    let { next } = await sequence.decode(prompt.tokens, { sample: true });
    while (next !== null && !engine.isEnd(next)) {
      tokens.push(next);
      said += decoder.push(next);
      if (tokens.length === maxTokens) break;
      ({ next } = await sequence.decode(Int32Array.of(next), { sample: true }));
    }
    return { tokens, text: said + decoder.flush() };
  } finally {
    sequence.close();
  }
}
