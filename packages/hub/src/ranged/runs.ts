/** Neighbouring numbers, both ends included. */
export interface Run {
  first: number;
  last: number;
}

/** Ascending numbers as runs of at most `most` neighbours. */
export function runsOf(numbers: readonly number[], most: number): Run[] {
  const runs: Run[] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run !== undefined && number === run.last + 1 && number - run.first < most) run.last = number;
    else runs.push({ first: number, last: number });
  }
  return runs;
}
