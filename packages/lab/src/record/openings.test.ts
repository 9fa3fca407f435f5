import { expect, it } from "vitest";
import { FOLDS, foldOf } from "../prompts/fold.ts";
import { OPENINGS } from "./openings.ts";
import { openingPlan } from "./plan.ts";

const prompts = Array.from({ length: 400 }, (_, i) => ({
  id: `p${i}`,
  text: `How would one do number ${i}?`,
  label: "harmful" as const,
  source: "s",
}));

it("never puts an opening before prompts of two parts of a cross-validation", () => {
  const parts = new Map<string, Set<number>>();
  for (const { arm, prompt } of openingPlan(prompts, 2))
    parts.set(arm.opening, (parts.get(arm.opening) ?? new Set()).add(foldOf(prompt.text)));
  expect(parts.size).toBe(OPENINGS.length);
  for (const [opening, folds] of parts) expect(folds.size, opening).toBe(1);
});

it("puts different openings before one prompt, and uses those of a part equally often", () => {
  const plan = openingPlan(prompts, 2);
  expect(new Set(plan.map(({ id }) => id)).size).toBe(plan.length);
  for (let fold = 0; fold < FOLDS; fold++) {
    const counts = new Map<string, number>();
    for (const { arm, prompt } of plan)
      if (foldOf(prompt.text) === fold) counts.set(arm.opening, (counts.get(arm.opening) ?? 0) + 1);
    expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1);
  }
});
