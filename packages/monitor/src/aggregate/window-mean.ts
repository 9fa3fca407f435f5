import type { Aggregator } from "./aggregator.ts";

/**
 * Mean of the last `width` readings; of fewer while there are fewer, but nothing before `minimum`. Summed anew each time,
 * so that the value does not depend on what left the window.
 */
export class WindowMean implements Aggregator {
  private readonly ring: Float64Array;
  private readonly minimum: number;
  private count = 0;

  constructor(width: number, minimum: number) {
    this.ring = new Float64Array(width);
    this.minimum = minimum;
  }

  push(reading: number): void {
    if (!Number.isFinite(reading)) return;
    this.ring[this.count % this.ring.length] = reading;
    this.count += 1;
  }

  get value(): number | null {
    if (this.count < this.minimum) return null;
    const filled = Math.min(this.count, this.ring.length);
    let sum = 0;
    for (let i = 0; i < filled; i++) sum += this.ring[i] ?? 0;
    return sum / filled;
  }
}
