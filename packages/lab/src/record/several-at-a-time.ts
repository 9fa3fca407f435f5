/** Handles items, `width` of them at a time; the results are in the order of the items. Ends with the first error. */
export async function severalAtATime<T, R>(
  width: number,
  items: readonly T[],
  handle: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const waiting = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await handle(item);
  };
  await Promise.all(Array.from({ length: Math.max(1, width) }, work));
  return results;
}
