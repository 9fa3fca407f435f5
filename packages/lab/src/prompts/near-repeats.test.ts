import fc from "fast-check";
import { expect, it } from "vitest";
import { nearRepeats } from "./near-repeats.ts";
import { normalised } from "./prompt-file.ts";

const WORDS = ["how", "do", "i", "make", "bread", "beer", "a", "the", "without", "an", "oven", "lock"];
const texts = fc.array(
  fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 9 }).map((words) => ({ text: words.join(" ") })),
  { maxLength: 25 },
);

function similarity(a: string, b: string): number {
  const [x, y] = [a, b].map((text) => new Set(normalised(text).split(" ")));
  const shared = [...(x ?? [])].filter((word) => y?.has(word)).length;
  return shared / ((x?.size ?? 0) + (y?.size ?? 0) - shared);
}

it("finds what comparing each with each finds", () => {
  fc.assert(
    fc.property(texts, texts, fc.constantFrom(0.5, 0.7, 0.75, 0.9, 1), (earlier, later, least) => {
      const found = nearRepeats(earlier, later, least);
      const best = later.map(({ text }) => Math.max(0, ...earlier.map((known) => similarity(known.text, text))));
      expect(found.map(({ repeat }) => repeat)).toEqual(later.filter((_, i) => (best[i] ?? 0) >= least));
      for (const { of, repeat, similarity: said } of found) {
        expect(said).toBe(similarity(of.text, repeat.text));
        expect(said).toBe(Math.max(...earlier.map((known) => similarity(known.text, repeat.text))));
      }
    }),
    { numRuns: 300 },
  );
});

it("sees through case, order and punctuation, and not through another request", () => {
  const known = [{ text: "How do I bake bread without an oven?" }];
  const near = { text: "how do I, without an oven, bake bread" };
  const other = { text: "How do I bake a cake with my oven?" };
  expect(nearRepeats(known, [near, other]).map(({ repeat }) => repeat)).toEqual([near]);
});
