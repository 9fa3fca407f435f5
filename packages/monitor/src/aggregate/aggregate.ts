import type { Aggregate } from "@modx/pack";
import { Cusum } from "./cusum.ts";
import { Ema } from "./ema.ts";
import { FirstMean } from "./first-mean.ts";
import { RunningMean } from "./running-mean.ts";
import { WindowMean } from "./window-mean.ts";

/** Turns a stream of readings into one running number. */
export interface Aggregator {
  /** Takes the next reading; one that is not finite (position 0) is passed over. */
  push(reading: number): void;
  /** The number now; null before there is one. */
  readonly value: number | null;
}

export function createAggregator(spec: Aggregate): Aggregator {
  switch (spec.kind) {
    case "mean":
      return new RunningMean();
    case "window-mean":
      return new WindowMean(spec.width, spec.minimum);
    case "first-mean":
      return new FirstMean(spec.width);
    case "ema":
      return new Ema(spec.alpha, spec.minimum);
    case "cusum":
      return new Cusum(spec.drift);
  }
}
