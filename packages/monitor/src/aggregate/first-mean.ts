import type { Aggregator } from "./aggregator.ts";

/** Mean of the first `width` readings, of those there are; later ones change nothing. */
export class FirstMean implements Aggregator {
  private sum = 0;
  private count = 0;
  private readonly width: number;

  constructor(width: number) {
    this.width = width;
  }

  push(reading: number): void {
    if (this.count === this.width || !Number.isFinite(reading)) return;
    this.sum += reading;
    this.count += 1;
  }

  get value(): number | null {
    return this.count === 0 ? null : this.sum / this.count;
  }
}
