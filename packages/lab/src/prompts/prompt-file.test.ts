import { expect, it } from "vitest";
import { foldOf } from "./fold.ts";
import { withUniqueIds } from "./prompt-file.ts";

const prompt = (id: string) => ({ id, text: id, label: null, source: "s" });

it("gives every prompt an id of its own, also where a number behind one is taken", () => {
  expect(withUniqueIds(["a", "a", "a#2", "b"].map(prompt)).map(({ id }) => id)).toEqual(["a", "a#2", "a#2#2", "b"]);
});

it("has texts that differ in case, spacing and punctuation only in the same part", () => {
  expect(foldOf("How are bees kept?")).toBe(foldOf("how  are bees kept"));
  expect(new Set(Array.from({ length: 50 }, (_, i) => foldOf(`text ${i}`))).size).toBe(5);
});
