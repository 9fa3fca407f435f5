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

/**
 * Threshold above which `allowed` of the scores lie: another detector at the same false alarms. Where equal scores leave no such
 * threshold it is the one that comes nearest, and of two that are as near the lower one, which catches more.
 */
export function thresholdFor(negatives: readonly number[], allowed: number): number {
  const sorted = [...negatives].sort((a, b) => b - a);
  const at = sorted[allowed];
  if (at === undefined) return Number.NEGATIVE_INFINITY;
  const fewer = sorted.findIndex((score) => score <= at);
  const below = sorted.findIndex((score) => score < at);
  const more = below < 0 ? sorted.length : below;
  if (fewer === allowed || allowed - fewer < more - allowed) return at;
  return sorted[more] ?? Number.NEGATIVE_INFINITY;
}
