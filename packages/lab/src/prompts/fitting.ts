import type { Engine } from "@modx/engine";
import type { Prompt } from "./prompt-file.ts";
import { ofEach, type Traffic } from "./traffic.ts";

/** Prompts that leave room for `room` more tokens: a whole response, and what may be put into the prompt. */
export async function fitting(engine: Engine, prompts: Traffic, room: number): Promise<Traffic> {
  const { contextTokens } = engine.properties;
  const fits = new Map<Prompt, boolean>();
  for (const prompt of Object.values(prompts).flat()) {
    const { tokens } = await engine.prompt([{ role: "user", content: prompt.text }]);
    fits.set(prompt, tokens.length + room <= contextTokens);
  }
  return ofEach(prompts, (list) => list.filter((prompt) => fits.get(prompt) === true));
}
