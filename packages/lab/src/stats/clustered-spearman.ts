import { type Interval, quantile, randomSource } from "./bootstrap.ts";
import { ranks } from "./ranking.ts";

const RESAMPLES = 2000;

/** Sums over the points of a cluster, by which clusters are added up. */
type Sums = [n: number, x: number, y: number, xx: number, yy: number, xy: number];

/**
 * Spearman's rank correlation over the points of all clusters together, with its 95 % bootstrap interval that draws whole clusters, as the
 * tokens of one answer are not independent. Ranks are those among all points, in every draw. NaN where one side is constant.
 */
export function clusteredSpearman(
  clusters: readonly (readonly (readonly [x: number, y: number])[])[],
  seed = 1,
): Interval {
  const points = clusters.flat();
  const [x, y] = [ranks(points.map(([first]) => first)), ranks(points.map(([, second]) => second))];
  let at = 0;
  const sums = clusters.map((cluster) => {
    const from = at;
    at += cluster.length;
    return sumsOf(x.slice(from, at), y.slice(from, at));
  });
  const random = randomSource(seed);
  const draws = Array.from({ length: RESAMPLES }, () =>
    correlation(sums.map(() => sums[Math.floor(random() * sums.length)] ?? [0, 0, 0, 0, 0, 0])),
  ).sort((a, b) => a - b);
  return { estimate: correlation(sums), low: quantile(draws, 0.025), high: quantile(draws, 0.975) };
}

function sumsOf(x: readonly number[], y: readonly number[]): Sums {
  const product = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
  const ones = x.map(() => 1);
  return [x.length, product(x, ones), product(y, ones), product(x, x), product(y, y), product(x, y)];
}

/** Pearson's, of the points that the sums are of. */
function correlation(sums: readonly Sums[]): number {
  let [n, x, y, xx, yy, xy] = [0, 0, 0, 0, 0, 0];
  for (const one of sums) {
    n += one[0];
    x += one[1];
    y += one[2];
    xx += one[3];
    yy += one[4];
    xy += one[5];
  }
  return (n * xy - x * y) / Math.sqrt((n * xx - x * x) * (n * yy - y * y));
}
