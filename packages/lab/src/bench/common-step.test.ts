import { expect, it } from "vitest";
import { commonStep } from "./common-step.ts";

const every = (step: number, from: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + i * step);

it("is the time between two tokens where there is one stream", () => {
  expect(commonStep([every(5, 100, 32)])).toBeCloseTo(5);
});

it("does not depend on how far apart the streams begin", () => {
  for (const apart of [0, 1, 2, 7]) {
    const streams = Array.from({ length: 8 }, (_, i) => every(5, 100 + 5 * apart * i, 64));
    expect(commonStep(streams), `${apart} steps`).toBeCloseTo(5);
  }
});

it("takes tokens of one step that are seen one after another for one step", () => {
  const streams = Array.from({ length: 8 }, (_, i) => every(5, 100 + 0.02 * ((i * 5) % 8), 32));
  expect(commonStep(streams)).toBeCloseTo(5, 1);
});

it("is not a number where the streams are never together", () => {
  expect(commonStep([every(5, 100, 4), every(5, 200, 4)])).toBeNaN();
  expect(commonStep([every(5, 100, 4), []])).toBeNaN();
});
