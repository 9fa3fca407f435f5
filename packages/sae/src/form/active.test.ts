import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { activeAmong } from "./active.ts";

const value = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, 1, 1, -1, Number.NaN));

describe("the k largest", () => {
  it("are what sorting finds: above 0, and of equal ones the first", () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 40 }), fc.integer({ min: 1, max: 12 }), (all, k) => {
        const expected = all
          .map((_, index) => index)
          .filter((index) => (all[index] ?? 0) > 0)
          .sort((a, b) => (all[b] ?? 0) - (all[a] ?? 0) || a - b)
          .slice(0, k)
          .sort((a, b) => a - b);
        expect(activeAmong({ rule: "topk", k }, Float64Array.from(all))).toEqual(expected);
      }),
    );
  });
});

it("is the largest of each group, where above 0", () => {
  const values = Float64Array.of(-1, -2, 3, 4, 5, 5);
  expect(activeAmong({ rule: "groupmax", k: 3 }, values)).toEqual([3, 4]);
});

it("is what is strictly above its threshold", () => {
  const thresholds = Float32Array.of(0, 1, 2);
  expect(activeAmong({ rule: "threshold", thresholds }, Float64Array.of(0.5, 1, 2.5))).toEqual([0, 2]);
  expect(activeAmong({ rule: "threshold", thresholds }, Float64Array.of(0, Number.NaN, 2))).toEqual([]);
});
