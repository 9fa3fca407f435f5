/** Numbers from 0 to 1, the same for a seed, so that a failure can be repeated. */
export function randomSource(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Whole numbers below a bound, likewise. */
export function randomBelow(seed: number): (below: number) => number {
  const random = randomSource(seed);
  return (below) => Math.floor(random() * below);
}

/** Some bytes changed, the end cut off, or a piece doubled. */
export function mutate(original: Buffer, random: (below: number) => number): Buffer {
  const kind = random(8);
  if (kind === 0) return original.subarray(0, random(original.length));
  if (kind === 1)
    return Buffer.concat([original.subarray(0, random(original.length)), original.subarray(random(original.length))]);
  const bytes = Buffer.from(original);
  for (let i = random(4); i >= 0 && bytes.length > 0; i--) bytes[random(bytes.length)] = random(256);
  return bytes;
}
