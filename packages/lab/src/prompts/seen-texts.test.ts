import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import type { Prompt } from "./prompt-file.ts";
import { marksOf, unseen } from "./seen-texts.ts";

const of = (...texts: string[]): Prompt[] =>
  texts.map((text) => ({ id: text, text, label: "benign" as const, source: "s" }));

it("knows a text again by 32 bits of a hash, whatever its case, spacing and punctuation", () => {
  const seen = marksOf(["What is tea?", "what is TEA", "Name a tree."]);
  expect(seen).toHaveLength(2);
  const left = unseen(
    { benign: of("What  is tea!", "What is coffee?"), harmful: of("name a tree"), sensitive: [] },
    seen,
  );
  expect(left).toEqual({ benign: of("What is coffee?"), harmful: [], sensitive: [] });
});

it("marks with the first eight hexadecimal digits of the hash", () => {
  const digits = createHash("sha256").update("what is tea").digest("hex").slice(0, 8);
  expect(Buffer.from(new Int32Array(marksOf(["What is tea?"])).buffer).readInt32LE()).toBe(
    Number.parseInt(digits, 16) | 0,
  );
});

it("takes none of a thousand other texts for one of five thousand", () => {
  const seen = marksOf(Array.from({ length: 5000 }, (_, i) => `trained on ${i}`));
  const others = of(...Array.from({ length: 1000 }, (_, i) => `calibrated on ${i}`));
  expect(unseen({ benign: others, harmful: [], sensitive: [] }, seen).benign).toEqual(others);
});
