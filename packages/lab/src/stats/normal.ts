/** P(X <= x) for a standard normal X, to about 1e-15 of its value on either side. */
export function normalCdf(x: number): number {
  return x < 0 ? upperTail(-x) : 1 - upperTail(x);
}

/** Two-sided p-value of a standard normal statistic. */
export function twoSided(z: number): number {
  return Math.min(1, 2 * upperTail(Math.abs(z)));
}

/** P(X > x) for x >= 0: a power series near zero, Laplace's continued fraction further out (Abramowitz and Stegun 26.2.11, 26.2.14). */
function upperTail(x: number): number {
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (x < 3) {
    let [term, sum] = [x, x];
    for (let k = 3; term > sum * 1e-17; k += 2) {
      term *= (x * x) / k;
      sum += term;
    }
    return 0.5 - density * sum;
  }
  let fraction = x;
  for (let k = 200; k > 0; k--) fraction = x + k / fraction;
  return density / fraction;
}
