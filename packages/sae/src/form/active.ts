import type { Active } from "./sae.ts";

/** Features that are active by their values before that is decided, [features]; in ascending order. */
export function activeAmong(active: Active, values: Float64Array): number[] {
  switch (active.rule) {
    case "threshold":
      return above(active.thresholds, values);
    case "topk":
      return largest(values, 0, values.length, active.k).sort((a, b) => a - b);
    case "groupmax": {
      const size = values.length / active.k;
      return Array.from({ length: active.k }, (_, group) =>
        largest(values, group * size, (group + 1) * size, 1),
      ).flat();
    }
  }
}

function above(thresholds: Float32Array, values: Float64Array): number[] {
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) if ((values[i] ?? 0) > (thresholds[i] ?? 0)) found.push(i);
  return found;
}

/** Indices of the `count` largest of a stretch that are above 0, the largest first; of equal ones the first. */
function largest(values: Float64Array, from: number, to: number, count: number): number[] {
  const kept: number[] = [];
  let bar = 0;
  for (let i = from; i < to; i++) {
    const value = values[i] ?? 0;
    if (!(value > bar)) continue;
    let at = kept.length;
    while (at > 0 && (values[kept[at - 1] ?? 0] ?? 0) < value) at -= 1;
    kept.splice(at, 0, i);
    if (kept.length > count) kept.pop();
    if (kept.length === count) bar = values[kept[count - 1] ?? 0] ?? 0;
  }
  return kept;
}
