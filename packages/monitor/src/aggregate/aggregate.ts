import type { Aggregate } from "@modx/pack";
import type { Aggregator } from "./aggregator.ts";
import { Cusum } from "./cusum.ts";
import { Ema } from "./ema.ts";
import { FirstMean } from "./first-mean.ts";
import { RunningMean } from "./running-mean.ts";
import { WindowMean } from "./window-mean.ts";

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
