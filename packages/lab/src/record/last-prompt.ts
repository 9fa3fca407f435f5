import type { Engine } from "@modx/engine";
import { naturalPlan } from "./plan.ts";
import { PromptReader } from "./prompt-reader.ts";
import { recordResponses } from "./record-response.ts";

/** [taps, width] residuals at the last token of each prompt, by its text. */
export async function lastPromptResiduals(
  engine: Engine,
  texts: readonly string[],
): Promise<Map<string, Float32Array>> {
  const residuals = new Map<string, Float32Array>();
  const prompts = [...new Set(texts)].map((text, i) => ({ id: String(i), text, label: null, source: "" }));
  const waiting = naturalPlan(prompts).values();
  const work = async (): Promise<void> => {
    const reader = new PromptReader(engine);
    try {
      for (const planned of waiting)
        for await (const { prompt, lastPrompt } of recordResponses(engine, reader, [planned], {
          maxTokens: 0,
          keep: 0,
        }))
          residuals.set(prompt.text, lastPrompt);
    } finally {
      reader.close();
    }
  };
  await Promise.all(Array.from({ length: engine.properties.sequences }, work));
  return residuals;
}
