/** What a slot's memory still holds of the sequence that left it. */
export interface Held {
  tokens: readonly number[];
  /** [tokens, rows] f32: the readings of the same tokens, which are not computed again. */
  readings: Float32Array;
  rows: number;
}

/** Fewer tokens in common are not worth a slot of their own. */
const WORTHWHILE = 8;

/**
 * What free slots hold. A sequence that begins with the same tokens keeps them: they are neither decoded again nor read again. Everything
 * is forgotten when the rows change; edited sequences are never held.
 */
export class PromptCache {
  private readonly held = new Map<number, Held>();

  keep(slot: number, held: Held): void {
    this.held.set(slot, held);
  }

  /** Takes what a slot holds out of the cache. */
  take(slot: number): Held | null {
    const held = this.held.get(slot) ?? null;
    this.held.delete(slot);
    return held;
  }

  clear(): void {
    this.held.clear();
  }

  /** Of free slots, in ascending order, the one for a sequence that begins with `prefix`: what holds most of it, else what holds least. */
  best(free: readonly number[], prefix: ArrayLike<number> | null): number | undefined {
    const common = (slot: number): number =>
      prefix === null ? 0 : commonLength(this.held.get(slot)?.tokens ?? [], prefix);
    const [most] = [...free].sort((a, b) => common(b) - common(a) || a - b);
    if (most !== undefined && common(most) >= WORTHWHILE) return most;
    // neighbours share a pass, so the lowest; but not one that someone may come back to, while another is empty
    return free.find((slot) => !this.held.has(slot)) ?? free[0];
  }
}

export function commonLength(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const shorter = Math.min(a.length, b.length);
  let length = 0;
  while (length < shorter && a[length] === b[length]) length += 1;
  return length;
}
