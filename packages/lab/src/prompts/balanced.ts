import { evenly } from "./evenly.ts";
import type { Prompt } from "./prompt-file.ts";

/** `count` prompts, as many of each source as of any other where it has them, spread evenly over it; all where there are no more. */
export function balanced(prompts: readonly Prompt[], count: number): Prompt[] {
  const chosen = new Set(alikeOfEach(prompts, ({ source }) => source, count));
  return prompts.filter((prompt) => chosen.has(prompt));
}

/** `count` items, as many of each group as of any other: what a small group lacks is shared out among the larger ones. */
export function alikeOfEach<T>(items: readonly T[], groupOf: (item: T) => string, count: number): T[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(groupOf(item));
    if (group === undefined) groups.set(groupOf(item), [item]);
    else group.push(item);
  }
  const smallestFirst = [...groups.values()].sort((a, b) => a.length - b.length);
  const chosen: T[] = [];
  for (const [index, group] of smallestFirst.entries())
    chosen.push(...evenly(group, Math.floor((count - chosen.length) / (smallestFirst.length - index))));
  return chosen;
}
