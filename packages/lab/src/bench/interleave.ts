import { randomSource } from "../stats/bootstrap.ts";

/** Times in milliseconds of every arm in every block, in the order of the arms. */
export type BlockTimes = number[][];

/**
 * Runs all arms once in each block, in an order that is drawn anew for each: what drifts on a machine then meets all arms
 * alike, and a ratio within a block is free of it.
 */
export async function interleave(
  arms: readonly (() => Promise<number>)[],
  blocks: number,
  onBlock: (done: number) => void = () => undefined,
): Promise<BlockTimes> {
  const random = randomSource(7);
  const times: BlockTimes = [];
  for (let block = 0; block < blocks; block++) {
    const order = arms.map((_, index) => ({ index, key: random() })).sort((a, b) => a.key - b.key);
    const row: number[] = arms.map(() => Number.NaN);
    for (const { index } of order) row[index] = (await arms[index]?.()) ?? Number.NaN;
    times.push(row);
    onBlock(block + 1);
  }
  return times;
}

/** Per block, the time of one arm over another's. */
export function ratios(times: BlockTimes, arm: number, over: number): number[] {
  return times.map((row) => (row[arm] ?? Number.NaN) / (row[over] ?? Number.NaN));
}
