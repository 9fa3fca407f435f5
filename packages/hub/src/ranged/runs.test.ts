import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runsOf } from "./runs.ts";

describe("runs of neighbours", () => {
  it.each<[number[], number, [number, number][]]>([
    [[], 4, []],
    [[7], 4, [[7, 7]]],
    [
      [0, 1, 2, 5, 6, 9],
      4,
      [
        [0, 2],
        [5, 6],
        [9, 9],
      ],
    ],
    [
      [3, 4, 5, 6, 7],
      2,
      [
        [3, 4],
        [5, 6],
        [7, 7],
      ],
    ],
    [
      [3, 4, 5],
      1,
      [
        [3, 3],
        [4, 4],
        [5, 5],
      ],
    ],
  ])("of %j, at most %i", (numbers, most, runs) => {
    expect(runsOf(numbers, most)).toEqual(runs.map(([first, last]) => ({ first, last })));
  });

  it("hold each number once, are no longer than is allowed, and are as few as can be", () => {
    const ascending = fc.uniqueArray(fc.nat(200)).map((numbers) => numbers.sort((a, b) => a - b));
    fc.assert(
      fc.property(ascending, fc.integer({ min: 1, max: 9 }), (numbers, most) => {
        const runs = runsOf(numbers, most);
        const held = runs.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
        expect(held).toEqual(numbers);
        for (const [index, { first, last }] of runs.entries()) {
          expect(last - first).toBeLessThan(most);
          const next = runs[index + 1];
          if (next?.first === last + 1) expect(last - first + 1).toBe(most);
        }
      }),
    );
  });
});
