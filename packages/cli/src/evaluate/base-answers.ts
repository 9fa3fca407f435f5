import { compliantAnswers, type Keep, keepNothing, type ModelAnswer, type Prompt } from "@modx/lab";
import type { OpenedModel } from "../open/open-model.ts";
import { progressBar } from "../print/progress-bar.ts";

/** Response tokens of what trains baselines. */
export const GIVEN_TOKENS = 32;

/** What the base answers to prompts, its refusals left out; nothing where no base is known. */
export async function baseAnswers(
  base: OpenedModel | null,
  prompts: readonly Prompt[],
  maxTokens: number = GIVEN_TOKENS,
  keep: Keep = keepNothing,
): Promise<ModelAnswer[]> {
  if (base === null) return [];
  const bar = progressBar("answered by the base", "items");
  try {
    return await compliantAnswers({
      engine: base.engine,
      prompts,
      maxTokens,
      keep,
      onProgress: bar.update,
    });
  } finally {
    bar.end();
  }
}
