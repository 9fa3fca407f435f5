import { evenly } from "./evenly.ts";
import type { Prompt } from "./prompt-file.ts";

/** `count` prompts, as many of each source as of any other where it has them, spread evenly over it; all where there are no more. */
export function balanced(prompts: readonly Prompt[], count: number): Prompt[] {
  const bySource = new Map<string, Prompt[]>();
  for (const prompt of prompts) bySource.set(prompt.source, [...(bySource.get(prompt.source) ?? []), prompt]);
  const smallestFirst = [...bySource.values()].sort((a, b) => a.length - b.length);
  const chosen = new Set<Prompt>();
  for (const [index, list] of smallestFirst.entries()) {
    const share = Math.floor((count - chosen.size) / (smallestFirst.length - index));
    for (const prompt of evenly(list, share)) chosen.add(prompt);
  }
  return prompts.filter((prompt) => chosen.has(prompt));
}
