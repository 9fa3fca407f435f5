import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fitTextModel, TfIdf, textScore } from "../../src/baselines/tf-idf.ts";
import { fewestFor, pacThreshold } from "../../src/calibrate/conformal.ts";
import { betaCdf, betaQuantile } from "../../src/stats/beta.ts";
import { clusterInterval } from "../../src/stats/bootstrap.ts";
import { aurocInterval, compareAurocs } from "../../src/stats/delong.ts";
import { ledoitWolf, mahalanobis } from "../../src/stats/ledoit-wolf.ts";
import { normalCdf, twoSided } from "../../src/stats/normal.ts";
import { holm, mcnemar } from "../../src/stats/paired.ts";
import { auroc, spearman } from "../../src/stats/ranking.ts";
import { clopperPearson, upperBound, wilson } from "../../src/stats/rates.ts";

interface Scores {
  positives: number[];
  negatives: number[];
}

interface Reference {
  rates: { hits: number; n: number; wilson: [number, number]; exact: [number, number]; upper: number }[];
  betas: { a: number; b: number; x: number; cdf: number }[];
  normals: { x: number; cdf: number; p: number }[];
  rankings: {
    scores: [Scores, Scores];
    areas: [number, number];
    correlation: number;
    errors: [number, number];
    p: number;
  }[];
  paired: { first: number[]; second: number[]; b: number; c: number; p: number }[];
  adjusted: { p: number[]; holm: number[] }[];
  thresholds: { far: number; confidence: number; n: number; above: number }[];
  bootstraps: { values: number[]; interval: [number, number]; error: number }[];
  spreads: { points: number[][]; shrinkage: number; asked: number[][]; distances: number[] }[];
  texts: { penalty: number; texts: string[]; labels: number[]; width: number; scores: number[] }[];
}

/** What SciPy and scikit-learn say to random inputs; make_reference.py wrote it. */
const reference = JSON.parse(readFileSync(new URL("reference.json", import.meta.url), "utf8")) as Reference;

function closeTo(actual: number, expected: number, relative = 1e-9): void {
  expect(Math.abs(actual - expected), `${actual} for ${expected}`).toBeLessThanOrEqual(
    relative * Math.abs(expected) + 1e-14,
  );
}

describe("agreement with SciPy and scikit-learn", () => {
  it("beta distribution", () => {
    for (const { a, b, x, cdf } of reference.betas) {
      closeTo(betaCdf(x, a, b), cdf, 1e-9);
      closeTo(betaQuantile(cdf, a, b), x, 1e-8);
    }
  });

  it("normal distribution, in its tails too", () => {
    for (const { x, cdf, p } of reference.normals) {
      closeTo(normalCdf(x), cdf, 1e-11);
      closeTo(twoSided(x), p, 1e-11);
    }
  });

  it("Wilson's and the exact interval, the one-sided bound", () => {
    for (const { hits, n, wilson: score, exact, upper } of reference.rates) {
      const [ours, exactly] = [wilson(hits, n), clopperPearson(hits, n)];
      for (const [actual, expected] of [
        [ours.low, score[0]],
        [ours.high, score[1]],
        [exactly.low, exact[0]],
        [exactly.high, exact[1]],
        [upperBound(hits, n, 0.95), upper],
      ] as const)
        closeTo(actual, expected, 1e-8);
    }
  });

  it("area under the ROC curve, DeLong's variance and paired test, with and without ties", () => {
    for (const { scores, areas, errors, p } of reference.rankings) {
      for (const [i, { positives, negatives }] of scores.entries()) {
        const area = areas[i] ?? Number.NaN;
        closeTo(auroc(positives, negatives), area);
        const { low, high } = aurocInterval(positives, negatives);
        const logit = (value: number): number => Math.log(value / (1 - value));
        const error = ((logit(high) - logit(low)) / 2 / 1.959963984540054) * area * (1 - area);
        closeTo(error, errors[i] ?? Number.NaN, 1e-6);
      }
      const compared = compareAurocs(...scores);
      closeTo(compared.difference, areas[0] - areas[1], 1e-9);
      closeTo(compared.p, p, 1e-6);
    }
  });

  it("Spearman's rank correlation, with and without ties", () => {
    for (const { scores, correlation } of reference.rankings) {
      const [first = [], second = []] = scores.map(({ positives, negatives }) => [...positives, ...negatives]);
      closeTo(spearman(first, second), correlation, 1e-9);
    }
  });

  it("McNemar's exact test", () => {
    for (const { first, second, b, c, p } of reference.paired) {
      const result = mcnemar(first.map(Boolean), second.map(Boolean));
      expect([result.b, result.c]).toEqual([b, c]);
      closeTo(result.p, p, 1e-9);
    }
  });

  it("Holm's adjustment", () => {
    for (const { p, holm: expected } of reference.adjusted)
      for (const [i, value] of holm(p).entries()) closeTo(value, expected[i] ?? Number.NaN);
  });

  it("the threshold that promises a rate with confidence", () => {
    for (const { far, confidence, n, above } of reference.thresholds) {
      const maxima = Array.from({ length: n }, (_, i) => n - i);
      if (above < 0) {
        expect(n).toBeLessThan(fewestFor(far, confidence));
        expect(() => pacThreshold(maxima, far, confidence)).toThrow(RangeError);
        continue;
      }
      expect(pacThreshold(maxima, far, confidence)).toMatchObject({ above, threshold: n - above });
    }
  });

  it("TF-IDF and logistic regression on it, on texts seen and unseen", () => {
    for (const { penalty, texts, labels, width, scores } of reference.texts) {
      const seen = texts.slice(0, 40).map((text, i) => ({ text, positive: labels[i] === 1, weight: 1 }));
      expect(TfIdf.of(seen.map(({ text }) => text)).width).toBe(width);
      const score = textScore(fitTextModel(seen, penalty));
      for (const [i, text] of texts.entries())
        expect(Math.abs(score(text) - (scores[i] ?? Number.NaN))).toBeLessThan(0.01);
    }
  });

  it("Ledoit and Wolf's covariance, and distances by it", () => {
    for (const { points, shrinkage, asked, distances } of reference.spreads) {
      const spread = ledoitWolf(points.map((point) => Float64Array.from(point)));
      expect(spread.shrinkage).toBeCloseTo(shrinkage, 9);
      const distance = mahalanobis(spread);
      for (const [i, point] of asked.entries())
        expect(distance(Float64Array.from(point)) / (distances[i] ?? Number.NaN)).toBeCloseTo(1, 8);
    }
  });

  it("the bootstrap, within its own noise", () => {
    for (const { values, interval, error } of reference.bootstraps) {
      const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
      const ours = clusterInterval(
        values.map((value) => [value]),
        mean,
      );
      expect(Math.abs(ours.low - interval[0])).toBeLessThan(0.15 * error);
      expect(Math.abs(ours.high - interval[1])).toBeLessThan(0.15 * error);
    }
  });
});

describe("clusters", () => {
  it("that say the same thing ten times widen the interval, which single things would not", () => {
    const values = Array.from({ length: 50 }, (_, i) => Math.sin(i * 12.9898) * 10);
    const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
    const width = (clusters: number[][]): number => {
      const { low, high } = clusterInterval(clusters, mean);
      return high - low;
    };
    const clustered = width(values.map((value) => Array<number>(10).fill(value)));
    const pretended = width(values.flatMap((value) => Array<number[]>(10).fill([value])));
    expect(clustered / width(values.map((value) => [value]))).toBeCloseTo(1, 6);
    expect(clustered / pretended).toBeGreaterThan(2.5);
  });
});
