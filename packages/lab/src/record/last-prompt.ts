import type { Engine } from "@modx/engine";
import { type Keep, keepNothing } from "../files/kept-results.ts";
import { naturalPlan, type PlannedResponse } from "./plan.ts";
import { type PromptReader, readEach } from "./prompt-reader.ts";
import { recordResponses } from "./record-response.ts";

/** A residual of all taps, [taps, width], from the lowest tap up, in whatever order the engine was given them. */
export function fromBelow(
  { taps, model: { width } }: Pick<Engine, "taps" | "model">,
  residual: Float32Array,
): Float32Array {
  const depth = (tap: number): number => Number(taps[tap]?.split(".")[1]);
  const order = taps.map((_, tap) => tap).sort((a, b) => depth(a) - depth(b));
  const sorted = new Float32Array(residual.length);
  for (const [place, tap] of order.entries())
    sorted.set(residual.subarray(tap * width, (tap + 1) * width), place * width);
  return sorted;
}

/** [taps, width] residuals at the last token of each prompt, by its text, from the lowest tap up. */
export async function lastPromptResiduals(
  engine: Engine,
  texts: readonly string[],
  keep: Keep = keepNothing,
): Promise<Map<string, Float32Array>> {
  const residuals = new Map<string, Float32Array>();
  const prompts = [...new Set(texts)].map((text, i) => ({ id: String(i), text, label: null, source: "" }));
  await readEach(engine, naturalPlan(prompts), async (planned, reader) => {
    const { text } = planned.prompt;
    const residual = await keep({ lastPrompt: text, taps: engine.taps }, () => lastOf(engine, reader, planned));
    residuals.set(text, residual);
  });
  return residuals;
}

async function lastOf(engine: Engine, reader: PromptReader, planned: PlannedResponse): Promise<Float32Array> {
  for await (const { lastPrompt } of recordResponses(engine, reader, [planned], { maxTokens: 0, keep: 0 }))
    return fromBelow(engine, lastPrompt);
  throw new RangeError("a prompt was not read");
}
