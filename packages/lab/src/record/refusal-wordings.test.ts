import { expect, it } from "vitest";
import { labelAnswer } from "../label/answer-label.ts";
import type { Prompt } from "../prompts/prompt-file.ts";
import { refusalPlan } from "./plan.ts";
import { REFUSAL_WORDINGS } from "./refusal-wordings.ts";

it("has two hundred wordings or more, half of them long and about the request", () => {
  expect(new Set(REFUSAL_WORDINGS).size).toBeGreaterThanOrEqual(200);
  const long = REFUSAL_WORDINGS.filter((text) => text.includes("{request}") && text.length > 150);
  expect(long.length).toBeGreaterThanOrEqual(REFUSAL_WORDINGS.length / 2);
});

it("words none as the label's own patterns do, so that training does not repeat the label", () => {
  for (const text of REFUSAL_WORDINGS) expect(labelAnswer(text), text).not.toBe("refused");
});

it("uses all wordings equally often and names each request by its own words, dollars and all", () => {
  const prompts = Array.from(
    { length: 2 * REFUSAL_WORDINGS.length },
    (_, i): Prompt => ({
      id: `p${i}`,
      text: `Sell it for $& or $1, number ${i}`,
      label: "harmful",
      source: "s",
    }),
  );
  const plan = refusalPlan(prompts);
  const texts = plan.map(({ given }) => String(given));
  expect(texts.filter((text) => text === "No.")).toHaveLength(2);
  expect(texts.some((text) => text.includes("{request}"))).toBe(false);
  const naming = REFUSAL_WORDINGS.filter((text) => text.includes("{request}"));
  expect(texts.filter((text) => text.includes("$& or $1"))).toHaveLength(2 * naming.length);
});

it("refuses few prompts in short and long wordings alike", () => {
  const prompts = Array.from(
    { length: 20 },
    (_, i): Prompt => ({ id: `p${i}`, text: `${i}`, label: "harmful", source: "s" }),
  );
  const long = refusalPlan(prompts).filter(({ given }) => String(given).length > 150);
  expect(long.length).toBeGreaterThan(5);
  expect(long.length).toBeLessThan(15);
});
