import type { ClassMaxima, DetectorSpec } from "@modx/pack";
import { describe, expect, it } from "vitest";
import { DEFAULT_RATES, setThresholds } from "./set-thresholds.ts";

const SPEC: DetectorSpec = {
  name: "example",
  algorithm: "joined-terms",
  version: 1,
  level: "alarm",
  description: "",
  bias: 0,
  threshold: null,
  calibrations: [],
  terms: [{ name: "a", row: "a", over: "response", aggregate: { kind: "mean" }, weight: 1 }],
};

/** Maxima 1 to n of one class. */
function measured(traffic: ClassMaxima["traffic"], n: number): ClassMaxima {
  const maxima = Float32Array.from({ length: n }, (_, i) => i + 1);
  return { detector: "example", traffic, identity: 0, length: 64, sources: ["x"], maxima };
}

describe("thresholds of classes of traffic", () => {
  const classes = [measured("benign", 1000), measured("refused", 400), measured("sensitive", 100)];

  it("put the largest of them in force, on average over calibrations", () => {
    const { detectors, remarks } = setThresholds([SPEC], classes, { rates: DEFAULT_RATES, confidence: null });
    expect(detectors[0]?.threshold).toBe(991);
    expect(detectors[0]?.calibrations.map(({ threshold }) => threshold)).toEqual([991, 397, 96]);
    expect(detectors[0]?.calibrations.every((calibration) => !("confidence" in calibration))).toBe(true);
    expect(remarks).toEqual([]);
  });

  it("are higher with a confidence, and say it", () => {
    const { detectors } = setThresholds([SPEC], classes, { rates: DEFAULT_RATES, confidence: 0.95 });
    // binomial: P(Bin(1000, .01) > 4) = .971, P(> 5) = .933; P(Bin(400, .01) > 0) = .982, P(> 1) = .910; P(Bin(100, .05) > 1) = .963
    expect(detectors[0]?.calibrations.map(({ threshold }) => threshold)).toEqual([996, 400, 99]);
    for (const { confidence, farStated, farBound95 } of detectors[0]?.calibrations ?? []) {
      expect(confidence).toBe(0.95);
      expect(farBound95).toBeLessThanOrEqual(farStated);
    }
  });

  it("bend a rate that the responses cannot bear, and refuse to with a confidence", () => {
    const few = [measured("benign", 50)];
    const { detectors, remarks } = setThresholds([SPEC], few, { rates: DEFAULT_RATES, confidence: null });
    expect(detectors[0]?.calibrations[0]?.farStated).toBeCloseTo(1 / 51, 12);
    expect(remarks.join()).toMatch(/50 benign responses cannot bear 1.00 %; 1.96 % is stated/);
    expect(() => setThresholds([SPEC], few, { rates: DEFAULT_RATES, confidence: 0.95 })).toThrow(
      expect.objectContaining({ code: "MODX_LAB_TOO_FEW", message: expect.stringContaining("it takes 299") }),
    );
  });

  it("keep what a class promised before, and count it for what is in force", () => {
    const stated = { rate: 0.02, confidence: 0.9 };
    const kept = [{ ...measured("benign", 1000), stated }, measured("sensitive", 100)];
    const { detectors } = setThresholds([SPEC], kept, { rates: DEFAULT_RATES, confidence: null });
    const [benign, sensitive] = detectors[0]?.calibrations ?? [];
    const { detectors: before } = setThresholds([SPEC], [measured("benign", 1000)], {
      rates: { ...DEFAULT_RATES, benign: 0.02 },
      confidence: 0.9,
    });
    expect(benign).toEqual(before[0]?.calibrations[0]);
    expect(sensitive).toMatchObject({ farStated: 0.05, farInForce: 0 });
    expect(detectors[0]?.threshold).toBe(benign?.threshold);
  });

  it("name the sources that alarm more than their class may, and none that may do so by chance", () => {
    const bySource = (loud: number) =>
      [
        { source: "quiet", from: 1, n: 100 - loud },
        { source: "loud", from: 101 - loud, n: loud },
      ].map(({ source, from, n }) => ({ source, maxima: Float32Array.from({ length: n }, (_, i) => from + i) }));
    const remarksOf = (loud: number): string[] =>
      setThresholds([SPEC], [{ ...measured("sensitive", 100), bySource: bySource(loud) }], {
        rates: { ...DEFAULT_RATES, benign: 0, refused: 0 },
        confidence: null,
      }).remarks.filter((remark) => remark.includes("more alarm"));
    // 4 of 100 alarm, all of the one source: of 12 that is more than 5 % (from 13.8 %), of 60 it may be chance (from 2.6 %)
    expect(remarksOf(12)).toEqual([expect.stringMatching(/more alarm of loud \(4 of 12\)$/)]);
    expect(remarksOf(60)).toEqual([]);
  });

  it("can be reached where a class never had a score, as refusals that end before the first one", () => {
    const silent = { ...measured("refused", 400), maxima: new Float32Array(400).fill(Number.NEGATIVE_INFINITY) };
    const options = { rates: DEFAULT_RATES, confidence: null };
    const { detectors } = setThresholds([SPEC], [measured("benign", 1000), silent], options);
    expect(detectors[0]?.calibrations.map(({ threshold }) => threshold)).toEqual([991, 1]);
    expect(() => setThresholds([SPEC], [silent], options)).toThrow(
      expect.objectContaining({ code: "MODX_LAB_TOO_FEW" }),
    );
  });
});
