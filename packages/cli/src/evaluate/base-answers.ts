import { compliantAnswers, type ModelAnswer, type Prompt } from "@modx/lab";
import type { OpenedModel } from "../open/open-model.ts";
import { progressBar } from "../print/progress-bar.ts";

/** Response tokens of what trains baselines. */
export const GIVEN_TOKENS = 32;

/** What the base answers to prompts, its refusals left out; nothing where no base is known. */
export async function baseAnswers(
  base: OpenedModel | null,
  prompts: readonly Prompt[],
  maxTokens: number = GIVEN_TOKENS,
): Promise<ModelAnswer[]> {
  if (base === null) return [];
  const bar = progressBar("answered by the base", "items");
  try {
    return await compliantAnswers({
      engine: base.engine,
      prompts,
      maxTokens,
      onProgress: bar.update,
    });
  } finally {
    bar.end();
  }
}
