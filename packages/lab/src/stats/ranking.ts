const Z95 = 1.959963984540054;

/** Area under the ROC curve: the chance that a positive scores above a negative, ties counted half. */
export function auroc(positives: readonly number[], negatives: readonly number[]): number {
  const n = positives.length;
  const sum = ranks([...positives, ...negatives])
    .slice(0, n)
    .reduce((total, rank) => total + rank, 0);
  return (sum - (n * (n + 1)) / 2) / (n * negatives.length);
}

/** Spearman's rank correlation of two lists of one length; NaN where one of them is constant. */
export function spearman(first: readonly number[], second: readonly number[]): number {
  const [a, b] = [ranks(first), ranks(second)];
  const middle = (a.length + 1) / 2;
  const product = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, rank, i) => sum + (rank - middle) * ((y[i] ?? middle) - middle), 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

/** 95 % interval of a rank correlation of n pairs (Bonett and Wright 2000); all of [-1, 1] of fewer than 4. */
export function spearmanInterval(rho: number, n: number): { low: number; high: number } {
  if (n < 4) return { low: -1, high: 1 };
  const half = Z95 * Math.sqrt((1 + rho ** 2 / 2) / (n - 3));
  return { low: Math.tanh(Math.atanh(rho) - half), high: Math.tanh(Math.atanh(rho) + half) };
}

/** The rank of each value among all, from 1; equal values share the mean of theirs. */
export function ranks(values: readonly number[]): number[] {
  const order = values.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value);
  const result = new Array<number>(values.length).fill(0);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && order[end]?.value === order[start]?.value) end += 1;
    for (const { index } of order.slice(start, end)) result[index] = (start + end + 1) / 2;
    start = end;
  }
  return result;
}
