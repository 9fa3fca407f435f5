import { expect, it } from "vitest";
import { evenly } from "./evenly.ts";

const ITEMS = Array.from({ length: 97 }, (_, i) => i);

it.each([0, 1, 7, 50, 96, 97])("takes %i of 97, no gap more than one longer than another", (count) => {
  const taken = evenly(ITEMS, count);
  expect(taken).toHaveLength(count);
  const gaps = taken.slice(1).map((item, i) => item - (taken[i] ?? 0));
  expect(Math.max(0, ...gaps) - Math.min(97, ...gaps)).toBeLessThanOrEqual(1);
});

it("takes all of fewer, and nothing of nothing", () => {
  expect(evenly(ITEMS, 200)).toEqual(ITEMS);
  expect(evenly([], 5)).toEqual([]);
  expect(evenly(ITEMS, -3)).toEqual([]);
});
