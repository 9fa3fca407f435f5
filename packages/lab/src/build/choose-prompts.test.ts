import { expect, it } from "vitest";
import { LABELS, type Prompt, type PromptLabel } from "../prompts/prompt-file.ts";
import type { Splits } from "../prompts/splits.ts";
import type { Traffic } from "../prompts/traffic.ts";
import { chooseFromSplits, choosePrompts } from "./choose-prompts.ts";

/** Words that no two prompts share, so that none nearly repeats another. */
const of = (source: string, label: PromptLabel, count: number): Prompt[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `${source}-${i}`,
    text: ["how", "much", "of"].map((word) => `${word}${source}${label}${i}`).join(" "),
    label,
    source,
  }));

const traffic = (source: string, counts: [harmful: number, benign: number, sensitive: number]): Traffic => ({
  harmful: of(source, "harmful", counts[0]),
  benign: of(source, "benign", counts[1]),
  sensitive: of(source, "sensitive", counts[2]),
});

const all = (list: Traffic): Prompt[] => LABELS.flatMap((label) => list[label]);

const BUILT_IN = all(traffic("modx-probe", [700, 1000, 800]));
const NONE = traffic("none", [0, 0, 0]);

function splits(roles: Partial<Splits["roles"]>): Splits {
  return { roles: { organism: NONE, probe: NONE, calibration: NONE, test: NONE, ...roles }, dropped: [], missing: [] };
}

it("trains on all that is for probes, built-in requests first where labels have to be certain", () => {
  const { training, calibrating } = chooseFromSplits(
    BUILT_IN,
    splits({ probe: traffic("given", [2000, 2000, 50]), calibration: traffic("other", [9000, 9000, 9]) }),
  );
  const counts = LABELS.map((label) => [
    training[label].filter(({ source }) => source === "modx-probe").length,
    training[label].filter(({ source }) => source === "given").length,
  ]);
  expect(counts).toEqual([
    [700, 800],
    [800, 800],
    [800, 50],
  ]);
  expect(LABELS.map((label) => calibrating[label].length)).toEqual([600, 1200, 9]);
});

it("never trains on what nearly repeats a prompt for calibration or test", () => {
  const [first, second, ...rest] = BUILT_IN;
  if (first === undefined || second === undefined) throw new Error("no prompts");
  const { training } = chooseFromSplits(
    [first, second, ...rest],
    splits({
      calibration: { ...NONE, benign: [{ ...first, source: "elsewhere" }] },
      test: { ...NONE, benign: [{ ...second, text: `${second.text.toUpperCase()}?`, source: "elsewhere" }] },
    }),
  );
  const texts = new Set(all(training).map(({ text }) => text));
  expect(texts).not.toContain(first.text);
  expect(texts).not.toContain(second.text);
  expect(texts.size).toBe(BUILT_IN.length - 2);
});

it("counts built-in prompts once where the splits name them too", () => {
  const { training } = chooseFromSplits(
    BUILT_IN,
    splits({ probe: { ...NONE, harmful: BUILT_IN.filter(({ label }) => label === "harmful") } }),
  );
  expect(training.harmful).toHaveLength(700);
});

it("splits what has no role by its text: no prompt trains and calibrates", () => {
  const given = all(traffic("given", [1000, 2000, 600]));
  const { training, calibrating } = choosePrompts(BUILT_IN, given);
  const trained = new Set(all(training).map(({ text }) => text));
  expect(all(calibrating).some(({ text }) => trained.has(text))).toBe(false);
  for (const label of LABELS) expect(calibrating[label].length).toBeGreaterThan(200);
  expect(training.benign.some(({ source }) => source === "given")).toBe(true);
});

it("leaves all that is given to calibration where extra prompts train", () => {
  const given = all(traffic("given", [10, 20, 5]));
  const { calibrating } = choosePrompts(BUILT_IN, given, all(traffic("extra", [30, 30, 30])));
  expect(all(calibrating)).toHaveLength(35);
});

it("does not calibrate on what nearly repeats a prompt that trains", () => {
  const extra: Prompt = {
    id: "e",
    text: "How do I bake bread without an oven?",
    label: "sensitive",
    source: "extra",
  };
  const near: Prompt = { ...extra, id: "n", text: "How do I, without an oven, bake bread", label: "benign" };
  const given = [...all(traffic("given", [10, 20, 5])), near];
  const { calibrating, near: left } = choosePrompts(BUILT_IN, given, [extra]);
  expect(all(calibrating)).toHaveLength(35);
  expect(calibrating.benign).not.toContainEqual(near);
  expect(left).toBe(1);
});
