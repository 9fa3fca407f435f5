/** How much later than a step the last of its tokens may be seen, in steps. */
const TOLERANCE = 0.25;

/**
 * Milliseconds of a step while all streams decode, from the times at which each stream's tokens were seen. That is from when the last
 * stream has its first token to when the first stream has its last: before and behind, fewer streams share a step, and prompts are read. A
 * step gives each stream one token. NaN where no step had all streams.
 */
export function commonStep(streams: readonly (readonly number[])[]): number {
  const begin = Math.max(...streams.map((times) => times[0] ?? Number.POSITIVE_INFINITY));
  const end = Math.min(...streams.map((times) => times.at(-1) ?? Number.NEGATIVE_INFINITY));
  if (!(end > begin)) return Number.NaN;
  const longest = Math.max(...streams.map((times) => times.length));
  const late = (TOLERANCE * (end - begin)) / longest;
  const steps = streams.map((times) => times.filter((time) => time > begin + late && time <= end + late).length);
  return (end - begin) / Math.max(...steps);
}
