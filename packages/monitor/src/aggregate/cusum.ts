import type { Aggregator } from "./aggregator.ts";

/** One-sided cumulative sum of what readings exceed `drift` by, never below zero (Page 1954): it grows while they stay high. */
export class Cusum implements Aggregator {
  private sum = 0;
  private seen = false;
  private readonly drift: number;

  constructor(drift: number) {
    this.drift = drift;
  }

  push(reading: number): void {
    if (!Number.isFinite(reading)) return;
    this.sum = Math.max(0, this.sum + reading - this.drift);
    this.seen = true;
  }

  get value(): number | null {
    return this.seen ? this.sum : null;
  }
}
