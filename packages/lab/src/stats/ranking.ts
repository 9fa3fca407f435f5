/** Area under the ROC curve: the chance that a positive scores above a negative, ties counted half. */
export function auroc(positives: readonly number[], negatives: readonly number[]): number {
  const all = [
    ...positives.map((score) => ({ score, positive: true })),
    ...negatives.map((score) => ({ score, positive: false })),
  ].sort((a, b) => a.score - b.score);
  let sum = 0;
  for (let start = 0; start < all.length; ) {
    let end = start;
    while (end < all.length && all[end]?.score === all[start]?.score) end += 1;
    const rank = (start + end + 1) / 2;
    for (let i = start; i < end; i++) if (all[i]?.positive) sum += rank;
    start = end;
  }
  const n = positives.length;
  return (sum - (n * (n + 1)) / 2) / (n * negatives.length);
}

/** Share of scores above a threshold. */
export function shareAbove(scores: readonly number[], threshold: number): number {
  return scores.filter((score) => score > threshold).length / scores.length;
}
