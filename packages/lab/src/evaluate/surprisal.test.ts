import { describe, expect, it } from "vitest";
import { randomSource } from "../stats/bootstrap.ts";
import { clusteredSpearman } from "../stats/clustered-spearman.ts";
import { spearman, spearmanInterval } from "../stats/ranking.ts";
import { moves } from "./surprisal.ts";

it("pairs a token's surprise with how far the score moves at it, where there is a score before", () => {
  // at the prompt none, then at each of four tokens
  expect(moves(Float32Array.of(1, 2, 3, 4), [null, null, 5, 7, 4])).toEqual([
    [3, 2],
    [4, -3],
  ]);
  expect(moves(Float32Array.of(1, 2), [1, 1.5, Number.NaN])).toEqual([[1, 0.5]]);
  expect(moves(Float32Array.of(1, 2), [])).toEqual([]);
});

describe("a rank correlation over clusters", () => {
  const random = randomSource(2);
  const cluster = (slope: number): [number, number][] => {
    const own = random();
    return Array.from({ length: 20 }, () => {
      const x = random();
      return [x, slope * x + own + random()];
    });
  };
  const clusters = Array.from({ length: 60 }, () => cluster(1));

  it("is that of all points, within its interval", () => {
    const { estimate, low, high } = clusteredSpearman(clusters);
    const points = clusters.flat();
    expect(estimate).toBeCloseTo(
      spearman(
        points.map(([x]) => x),
        points.map(([, y]) => y),
      ),
      9,
    );
    expect(low).toBeLessThan(estimate);
    expect(high).toBeGreaterThan(estimate);
    expect(high - low).toBeLessThan(0.2);
  });

  it("is less sure where the points of a cluster are the same", () => {
    const copied = clusters.map(([first = [0, 0]]) => Array.from({ length: 20 }, () => first));
    const [wide, narrow] = [clusteredSpearman(copied), clusteredSpearman(clusters)];
    expect(wide.high - wide.low).toBeGreaterThan(2 * (narrow.high - narrow.low));
  });

  it("is none where one side is constant, or nothing is there", () => {
    expect(clusteredSpearman([[[1, 1]], [[2, 1]]]).estimate).toBeNaN();
    expect(clusteredSpearman([]).estimate).toBeNaN();
  });
});

it("has an interval that holds the true rank correlation as often as it says", () => {
  const random = randomSource(11);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const rho = 0.6;
  // Spearman's of a bivariate normal (Pearson 1907)
  const truth = (6 / Math.PI) * Math.asin(rho / 2);
  const rounds = 400;
  let held = 0;
  for (let round = 0; round < rounds; round++) {
    const x = Array.from({ length: 60 }, normal);
    const y = x.map((value) => rho * value + Math.sqrt(1 - rho ** 2) * normal());
    const { low, high } = spearmanInterval(spearman(x, y), 60);
    if (low <= truth && truth <= high) held += 1;
  }
  expect(held / rounds).toBeGreaterThan(0.91);
  expect(held / rounds).toBeLessThan(0.99);
  expect(spearmanInterval(1, 10)).toEqual({ low: 1, high: 1 });
  expect(spearmanInterval(0.5, 3)).toEqual({ low: -1, high: 1 });
});
