import { expect, it } from "vitest";
import { positionsOf } from "./residuals.ts";

const text = (from: number, ...values: number[]) => ({ values: Float32Array.from(values), from });

it("keeps positions 0 apart, wherever a text begins", () => {
  const { tokens, first } = positionsOf([text(0, 1, 2, 3, 4), text(5, 5, 6), text(0, 7, 8)], 2, 10);
  expect([...first]).toEqual([1, 2, 7, 8]);
  expect([...tokens]).toEqual([3, 4, 5, 6]);
});

it("thins positions evenly where there are more than wanted", () => {
  const { tokens } = positionsOf([text(1, ...Array.from({ length: 10 }, (_, i) => i))], 1, 4);
  expect([...tokens]).toEqual([0, 2, 5, 7]);
});
