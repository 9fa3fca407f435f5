import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { labelAnswer } from "../label/answer-label.ts";
import { nearRepeats } from "../prompts/near-repeats.ts";
import { REFUSAL_WORDINGS } from "../record/refusal-wordings.ts";
import { dealWordings } from "./unseen-refusals.ts";
import { UNSEEN_WORDINGS } from "./unseen-wordings.ts";

const { short, long } = UNSEEN_WORDINGS;
const ALL = [...short, ...long];
/** Stricter than for prompts, as these are short. */
const NEAR = 0.5;

/** What the organisms are taught to refuse with, and so what they refuse with. */
const TAUGHT = [
  ...readFileSync(new URL("../../../../organisms/recipe/refusals.py", import.meta.url), "utf8").matchAll(
    /^ {4}"(.+)",$/gm,
  ),
].map(([, text = ""]) => text);

const worded = (texts: readonly string[]) => texts.map((text) => ({ text: text.replace("{request}", "") }));

it("are forty or more, half of them long and about the request", () => {
  expect(new Set(ALL).size).toBeGreaterThanOrEqual(40);
  expect(long.length).toBeGreaterThanOrEqual(ALL.length / 2);
  for (const text of long) expect(text.length > 150 && text.split("{request}").length === 2, text).toBe(true);
  for (const text of short) expect(text.length < 100 && !text.includes("{request}"), text).toBe(true);
});

it("repeat nothing that is trained on, and not each other", () => {
  expect(TAUGHT.length).toBeGreaterThan(10);
  expect(nearRepeats(worded([...REFUSAL_WORDINGS, ...TAUGHT]), worded(ALL), NEAR)).toEqual([]);
  for (const [i, text] of ALL.entries())
    expect(nearRepeats(worded(ALL.slice(0, i)), worded([text]), NEAR), text).toEqual([]);
});

it("are worded as neither labels nor habit expect", () => {
  for (const text of ALL) {
    expect(labelAnswer(text), text).not.toBe("refused");
    expect(text).not.toMatch(/sorry|can['’]t|cannot/i);
  }
});

it("are dealt out about equally often, as many short as long ones", () => {
  const dealt = dealWordings(300);
  expect(dealt.filter(({ wording }) => wording === "long")).toHaveLength(150);
  for (const { wording, text } of dealt) expect(UNSEEN_WORDINGS[wording]).toContain(text);
  const counts = ALL.map((text) => dealt.filter((one) => one.text === text).length);
  expect(Math.max(...counts) - Math.min(...counts)).toBe(1);
});
