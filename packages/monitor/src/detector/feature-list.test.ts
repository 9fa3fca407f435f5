import type { FeatureListSpec } from "@modx/pack";
import { describe, expect, it } from "vitest";
import { createDetector } from "./create-detector.ts";
import { indexRows } from "./rows.ts";

const SPEC: FeatureListSpec = {
  name: "quarantine",
  algorithm: "feature-list",
  version: 1,
  level: "alarm",
  description: "",
  window: { width: 2, minimum: 2 },
  threshold: 3,
  calibrations: [],
  features: [
    { row: "a", label: "poison", activation: { kind: "relu" }, tail: { floor: 1, scale: 0.5 } },
    { row: "b", label: "", activation: { kind: "jumprelu", threshold: 2 }, tail: { floor: 0, scale: 1 } },
    { row: "c", label: "plain", activation: { kind: "linear" }, tail: null },
  ],
};
// row "b" is carried by two taps, so its readings are added
const ROWS = indexRows(["a", "b", "c", "b"]);

describe("a list of features", () => {
  const scores = (features: FeatureListSpec["features"], tokens: number[][]): (number | null)[] => {
    const run = createDetector({ ...SPEC, features }, ROWS).start();
    return tokens.map((readings) => run.token(Float32Array.from(readings)));
  };
  const [poison, jump, plain] = SPEC.features;
  if (poison === undefined || jump === undefined || plain === undefined) throw new Error("no features");

  it("counts by how much the highest window mean exceeds the floor, and keeps it", () => {
    const course = scores(
      [poison],
      [
        [9, 0, 0, 0],
        [1, 0, 0, 0],
        [-5, 0, 0, 0],
        [0, 0, 0, 0],
      ],
    );
    // means of activations 9 and 1, then 1 and 0: the second is below the floor
    expect(course).toEqual([null, 8, 8, 8]);
  });

  it("is refused readings that lack one of its rows", () => {
    expect(() => scores([poison, jump], [[9, 0, 0]])).toThrow(expect.objectContaining({ code: "MODX_INTERNAL" }));
  });

  it("takes a reading at or below a jump for nothing", () => {
    expect(
      scores(
        [jump],
        [
          [0, 1, 0, 1],
          [0, 1, 0, 1],
        ],
      ),
    ).toEqual([null, 0]);
    expect(
      scores(
        [jump],
        [
          [0, 2, 0, 1],
          [0, 2, 0, 1],
        ],
      ),
    ).toEqual([null, 3]);
  });

  it("adds the features up, and explains with the strongest first", () => {
    const run = createDetector(SPEC, ROWS).start();
    for (let i = 0; i < 2; i++) run.token(Float32Array.from([2, 2, 1, 2]));
    expect(run.explain()).toEqual([
      { name: "b", value: 4, contribution: 4 },
      { name: "poison (a)", value: 2, contribution: 2 },
      { name: "plain (c)", value: 1, contribution: 1 },
    ]);
    expect(run.token(Float32Array.from([0, 0, 0, 0]))).toBe(7);
  });
});
