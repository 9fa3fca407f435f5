import { describe, expect, it } from "vitest";
import { conformalThreshold, fewestFor } from "../calibrate/conformal.ts";
import { betaCdf, betaQuantile } from "./beta.ts";
import { medianInterval } from "./bootstrap.ts";
import { auroc } from "./ranking.ts";
import { upperBound, wilson } from "./rates.ts";

// Expected values: SciPy 1.16 (scipy.stats.beta, binomtest) and scikit-learn 1.9 (roc_auc_score).
describe("the beta distribution", () => {
  it.each([
    [0.3, 2, 5, 0.579825],
    [0.01, 1, 299, 0.9504638],
    [0.5, 0.5, 0.5, 0.5],
    [0.99, 300, 4, 0.640479],
  ])("P(X <= %d) of Beta(%d, %d) is %d", (x, a, b, expected) => {
    expect(betaCdf(x, a, b)).toBeCloseTo(expected, 4);
  });

  it("inverts itself", () => {
    for (const p of [1e-6, 0.05, 0.5, 0.95, 0.999])
      for (const [a, b] of [
        [1, 300],
        [11, 990],
        [0.5, 3],
      ] as const)
        expect(betaCdf(betaQuantile(p, a, b), a, b)).toBeCloseTo(p, 9);
  });
});

describe("rates", () => {
  it("have Wilson's interval, with the published one of the seed's 48 of 150", () => {
    const { rate, low, high } = wilson(48, 150);
    expect([rate, low, high].map((value) => Number(value.toFixed(3)))).toEqual([0.32, 0.251, 0.398]);
    expect(wilson(0, 50)).toMatchObject({ low: 0 });
    expect(wilson(50, 50)).toMatchObject({ high: 1 });
    expect(wilson(0, 0)).toMatchObject({ low: 0, high: 1 });
  });

  it("have an exact upper bound: none of 299 proves less than 1 %, none of 298 does not", () => {
    expect(upperBound(0, 299, 0.95)).toBeLessThan(0.01);
    expect(upperBound(0, 298, 0.95)).toBeGreaterThan(0.01);
    expect(upperBound(3, 3, 0.95)).toBe(1);
  });
});

describe("conformal thresholds", () => {
  it("are the ceil((n+1)(1-far))-th smallest maximum", () => {
    const maxima = Array.from({ length: 999 }, (_, index) => index + 1);
    expect(conformalThreshold(maxima, 0.01)).toMatchObject({ threshold: 990, above: 9 });
    expect(() => conformalThreshold(maxima.slice(0, 98), 0.01)).toThrow(RangeError);
    expect(conformalThreshold(maxima.slice(0, 99), 0.01)).toMatchObject({ threshold: 99, above: 0 });
  });

  it("keep their promise: the mean false-alarm rate over many draws is at most the stated one, the bound holds in 95 %", () => {
    let state = 1;
    const random = (): number => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647;
    };
    let [sum, within] = [0, 0];
    const draws = 2000;
    for (let draw = 0; draw < draws; draw++) {
      const result = conformalThreshold(Array.from({ length: 300 }, random), 0.01);
      // the maxima are uniform, so the true rate above a threshold is one minus it
      const rate = 1 - result.threshold;
      sum += rate;
      if (rate <= result.bound) within += 1;
    }
    expect(sum / draws).toBeLessThan(0.0105);
    expect(within / draws).toBeGreaterThan(0.935);
    expect(within / draws).toBeLessThan(0.965);
  });

  it("need 299 responses for 1 %, 59 for 5 %", () => {
    expect([fewestFor(0.01), fewestFor(0.05)]).toEqual([299, 59]);
  });
});

describe("ranking", () => {
  it("counts ties half", () => {
    expect(auroc([0.9, 0.8, 0.5], [0.5, 0.1])).toBeCloseTo(11 / 12, 12);
    expect(auroc([1, 1], [1, 1])).toBe(0.5);
  });
});

describe("bootstrap", () => {
  it("surrounds the median and is the same every time", () => {
    const values = Array.from({ length: 101 }, (_, index) => 1 + index / 1000);
    const interval = medianInterval(values);
    expect(interval.estimate).toBeCloseTo(1.05, 12);
    expect(interval.low).toBeLessThan(1.05);
    expect(interval.high).toBeGreaterThan(1.05);
    expect(medianInterval(values)).toEqual(interval);
  });
});
