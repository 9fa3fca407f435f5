/** `count` items spread evenly over a list, in its order; all of them where there are no more. */
export function evenly<T>(items: readonly T[], count: number): T[] {
  const share = Math.min(1, Math.max(0, count) / items.length);
  return items.filter((_, i) => Math.floor((i + 1) * share + 1e-9) > Math.floor(i * share + 1e-9));
}
