/** The ROC curve of two sets of scores, from the strictest threshold on: shares above each score that occurs. */
export function rocOf(positives: readonly number[], negatives: readonly number[]): [fpr: number, tpr: number][] {
  const all = [
    ...positives.map((score) => ({ score, positive: true })),
    ...negatives.map((score) => ({ score, positive: false })),
  ].sort((a, b) => b.score - a.score);
  const points: [number, number][] = [];
  let [hits, alarms] = [0, 0];
  for (const [i, { score, positive }] of all.entries()) {
    if (positive) hits += 1;
    else alarms += 1;
    if (all[i + 1]?.score !== score) points.push([alarms / negatives.length, hits / positives.length]);
  }
  return points;
}

/** Smallest threshold above which at most `allowed` of the scores lie: another detector at the same false alarms. */
export function thresholdFor(negatives: readonly number[], allowed: number): number {
  const sorted = [...negatives].sort((a, b) => b - a);
  return sorted[allowed] ?? Number.NEGATIVE_INFINITY;
}
