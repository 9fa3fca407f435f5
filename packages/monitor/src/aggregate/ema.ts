import type { Aggregator } from "./aggregator.ts";

/**
 * Exponential moving average from the first reading on, nothing before `minimum` readings. The weights of what there is add up
 * to one from the start (as in Adam's bias correction), so that the beginning of a response is not drawn to zero.
 */
export class Ema implements Aggregator {
  private sum = 0;
  private weight = 0;
  private count = 0;
  private readonly alpha: number;
  private readonly minimum: number;

  constructor(alpha: number, minimum: number) {
    this.alpha = alpha;
    this.minimum = minimum;
  }

  push(reading: number): void {
    if (!Number.isFinite(reading)) return;
    this.sum += this.alpha * (reading - this.sum);
    this.weight += this.alpha * (1 - this.weight);
    this.count += 1;
  }

  get value(): number | null {
    return this.count < this.minimum ? null : this.sum / this.weight;
  }
}
