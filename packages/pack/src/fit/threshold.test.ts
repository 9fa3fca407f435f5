import { describe, expect, it } from "vitest";
import type { Calibration, DetectorSpec } from "../format/manifest.ts";
import { thresholdOn } from "./threshold.ts";

const on = (identity: number, threshold: number): Calibration => ({
  traffic: "benign",
  description: "",
  sources: [],
  identity,
  n: 100,
  farStated: 0.01,
  threshold,
  farBound95: 0.05,
  farInForce: 0,
  length: 64,
});

function detector(calibrations: Calibration[]): DetectorSpec {
  const threshold = calibrations.length === 0 ? null : Math.max(...calibrations.map((one) => one.threshold));
  return {
    name: "d",
    algorithm: "joined-terms",
    version: 1,
    level: "alarm",
    description: "",
    terms: [],
    bias: 0,
    threshold,
    calibrations,
  };
}

describe("the threshold in force", () => {
  it("is the largest of the identity's own classes", () => {
    const one = detector([on(0, 1), on(0, 2), on(1, 5), on(1, -3)]);
    expect([thresholdOn(one, 0), thresholdOn(one, 1)]).toEqual([2, 5]);
  });

  it("is the largest of all on an identity without a calibration, and none for a draft", () => {
    expect(thresholdOn(detector([on(0, 1), on(1, 5)]), 2)).toBe(5);
    expect(thresholdOn(detector([]), 0)).toBeNull();
  });
});
