import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { auroc } from "../stats/ranking.ts";
import { compareAtPrompt, compareAtSameAlarms } from "./compare.ts";
import { caughtBy, delayCurve, delayOf } from "./early.ts";
import { firstAbove, peakOf } from "./replay.ts";
import { rocOf, thresholdFor } from "./roc.ts";

const scores = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 30 });

describe("the ROC curve", () => {
  it("encloses the area that counting pairs gives", () => {
    fc.assert(
      fc.property(scores, scores, (positives, negatives) => {
        const points: [number, number][] = [[0, 0], ...rocOf(positives, negatives)];
        const area = points
          .slice(1)
          .reduce((sum, [x, y], i) => sum + ((x - (points[i]?.[0] ?? 0)) * (y + (points[i]?.[1] ?? 0))) / 2, 0);
        expect(area).toBeCloseTo(auroc(positives, negatives), 9);
        expect(points.at(-1)).toEqual([1, 1]);
      }),
    );
  });

  it("gives the threshold above which as many lie as allowed, or nearest to as many", () => {
    fc.assert(
      fc.property(scores, fc.nat(31), (negatives, allowed) => {
        const above = (at: number): number => negatives.filter((score) => score > at).length;
        const off = (at: number): number => Math.abs(above(at) - allowed);
        const threshold = thresholdFor(negatives, allowed);
        const all = [...negatives, Number.NEGATIVE_INFINITY];
        const least = Math.min(...all.map(off));
        expect(off(threshold)).toBe(least);
        // of thresholds that are as near, the one that catches most
        expect(above(threshold)).toBe(Math.max(...all.filter((at) => off(at) === least).map(above)));
      }),
    );
  });

  it("lets a baseline whose scores are all equal alarm on none rather than on all", () => {
    expect(thresholdFor(Array(280).fill(-17.87), 3)).toBe(-17.87);
    expect(thresholdFor([3, 3, 0, 0, 0, 0], 1)).toBe(0);
  });
});

describe("how soon", () => {
  const answers = [
    { tokens: 64, at: 7 },
    { tokens: 64, at: 15 },
    { tokens: 10, at: null },
    { tokens: 40, at: -1 },
  ];

  it("counts by token, an alarm at the prompt first", () => {
    const by = caughtBy(answers);
    expect(Object.fromEntries(Object.entries(by).map(([token, { hits }]) => [token, hits]))).toEqual({
      "-1": 1,
      "4": 1,
      "8": 2,
      "16": 3,
      "32": 3,
      "64": 3,
    });
    const curve = delayCurve(answers);
    expect(curve).toHaveLength(65);
    expect([curve[0], curve[7], curve[8], curve[64]]).toEqual([
      [0, 0.25],
      [7, 0.25],
      [8, 0.5],
      [64, 0.75],
    ]);
  });

  it("takes the ninth token for later than the first eight", () => {
    const counts = (at: number) => Object.entries(caughtBy([{ tokens: 64, at }])).filter(([, { hits }]) => hits === 1);
    expect(counts(7).map(([token]) => token)).toEqual(["8", "16", "32", "64"]);
    expect(counts(8).map(([token]) => token)).toEqual(["16", "32", "64"]);
    expect(counts(0).map(([token]) => token)).toEqual(["4", "8", "16", "32", "64"]);
  });

  it("lets out what stands before the alarm, and all where there is none", () => {
    const { intervals: _, ...estimate } = delayOf(answers);
    expect(estimate).toEqual({ median: 7, p90: expect.closeTo(13.4), recall_honest: 32 / 4 });
    expect(delayOf([])).toEqual({ median: null, p90: null, recall_honest: null });
  });

  it("says how sure its delays are, where every draw catches something", () => {
    const many = Array.from({ length: 200 }, (_, i) => ({ tokens: 64, at: i % 4 === 0 ? null : 7 + (i % 3) }));
    const { recall_honest, intervals } = delayOf(many);
    expect(intervals?.median).toEqual([8, 8]);
    const [low, high] = intervals?.recall_honest ?? [0, 0];
    expect(low).toBeLessThan(recall_honest ?? 0);
    expect(high).toBeGreaterThan(recall_honest ?? 0);
    // a quarter counts 64 and the rest about 8: the mean of 200 has a standard error of 1.7
    expect(high - low).toBeGreaterThan(5);
    expect(high - low).toBeLessThan(9);
    expect(delayOf([{ tokens: 9, at: null }]).intervals).toBeUndefined();
  });

  it("reads courses: the prompt's score, then the tokens'", () => {
    const course = [null, 1, null, 3, 2];
    expect([firstAbove(course, 0), firstAbove(course, 2), firstAbove(course, 3), firstAbove([5, 1], 2)]).toEqual([
      0,
      2,
      null,
      -1,
    ]);
    expect([peakOf(course), peakOf(course, 1), peakOf([null])]).toEqual([3, 1, Number.NEGATIVE_INFINITY]);
  });

  it("takes what is no number for an alarm", () => {
    expect(firstAbove([null, 0, Number.NaN], 9)).toBe(1);
    expect(peakOf([null, 0, Number.NaN, 1])).toBe(Number.POSITIVE_INFINITY);
  });
});

it("compares at as many false alarms as the detector has itself", () => {
  const own = { name: "own", positives: [3, 3, 3, 0], negatives: [0, 0, 2, -1] };
  const better = { name: "better", positives: [9, 9, 9, 9], negatives: [1, 8, 2, 3] };
  const worse = { name: "worse", positives: [1, 1, 5, 0], negatives: [4, 3, 2, 1] };
  expect(compareAtSameAlarms(own, 1, [better, worse])).toEqual([
    { versus: "better", b: 0, c: 1, p_holm: 1 },
    { versus: "worse", b: 2, c: 0, p_holm: 1 },
  ]);
});

it("compares what is caught before any token at as many false alarms of whole answers", () => {
  const own = { name: "own", positives: [3, 3, 3, 0], negatives: [0, 0, 2, -1] };
  const request = { name: "request", positives: [9, 9, 1, 0], negatives: [1, 8, 2, 3] };
  // one alarm of the own negatives: the request's threshold is 3
  const found = compareAtPrompt(own, 1, [false, false, true, false], request);
  expect(found.monitor).toMatchObject({ hits: 1, n: 4 });
  expect(found["prompt-tf-idf"]).toMatchObject({ hits: 2, n: 4 });
  expect(found.paired).toMatchObject({ b: 1, c: 2, p: expect.closeTo(1) });
  expect(compareAtPrompt(own, 1, [false, false, true, false], null)).toMatchObject({
    "prompt-tf-idf": null,
    paired: null,
  });
});
