import type { Aggregator } from "./aggregator.ts";

/** Mean of all readings so far. */
export class RunningMean implements Aggregator {
  private sum = 0;
  private count = 0;

  push(reading: number): void {
    if (!Number.isFinite(reading)) return;
    this.sum += reading;
    this.count += 1;
  }

  get value(): number | null {
    return this.count === 0 ? null : this.sum / this.count;
  }
}
