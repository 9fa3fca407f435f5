import { expect, it } from "vitest";
import { pairedCells } from "./controls.ts";

it("counts what alarms in one cell alone, and adjusts for their number", () => {
  const yes = Array.from({ length: 12 }, () => true);
  const no = yes.map(() => false);
  const cells = pairedCells([
    ["same", yes, yes],
    ["first", yes, no],
    ["mixed", [true, true, false, true], [false, true, true, false]],
  ]);
  expect(cells.map(({ what, b, c }) => [what, b, c])).toEqual([
    ["same", 0, 0],
    ["first", 12, 0],
    ["mixed", 2, 1],
  ]);
  expect(cells[1]?.p_holm).toBeCloseTo(3 * 2 * 0.5 ** 12, 9);
  expect([cells[0]?.p_holm, cells[2]?.p_holm]).toEqual([1, 1]);
});
