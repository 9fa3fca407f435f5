import { expect, it } from "vitest";
import { balanced } from "./balanced.ts";
import type { Prompt } from "./prompt-file.ts";

const of = (source: string, count: number): Prompt[] =>
  Array.from({ length: count }, (_, i) => ({ id: `${source}-${i}`, text: `${source} ${i}`, label: "benign", source }));
const PROMPTS = [...of("large", 500), ...of("small", 20), ...of("middle", 100)];

function counts(prompts: readonly Prompt[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { source } of prompts) found[source] = (found[source] ?? 0) + 1;
  return found;
}

it("takes as many of each source as there are, and shares out what the small ones leave", () => {
  expect(counts(balanced(PROMPTS, 200))).toEqual({ large: 90, small: 20, middle: 90 });
  expect(counts(balanced(PROMPTS, 30))).toEqual({ large: 10, small: 10, middle: 10 });
});

it("keeps the order, takes all where there are no more, and nothing of nothing", () => {
  expect(balanced(PROMPTS, 1000)).toEqual(PROMPTS);
  expect(balanced(PROMPTS, 0)).toEqual([]);
  expect(balanced([], 5)).toEqual([]);
});
