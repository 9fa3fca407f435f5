/** Turns a stream of readings into one running number. */
export interface Aggregator {
  /** Takes the next reading; one that is not finite (position 0) is passed over. */
  push(reading: number): void;
  /** The number now; null before there is one. */
  readonly value: number | null;
}
