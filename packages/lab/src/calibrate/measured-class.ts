import type { ClassMaxima } from "@modx/pack";
import { wilson } from "../stats/rates.ts";

/** Response maxima of a class that was measured now. */
export interface MeasuredClass extends ClassMaxima {
  /** The same for each of its sources. */
  bySource: readonly { source: string; maxima: Float32Array }[];
}

/**
 * Sources of a class whose responses alarm at `threshold` more often than `rate`, by more than chance (the lower end of Wilson's 95 %
 * interval): a promise holds for the mixture that it was calibrated on, and traffic that is mostly like such a source breaks it.
 */
export function sourcesAbove(bySource: MeasuredClass["bySource"], threshold: number, rate: number): string[] {
  return bySource.flatMap(({ source, maxima }) => {
    const alarms = maxima.filter((maximum) => maximum > threshold).length;
    return wilson(alarms, maxima.length).low > rate ? [`${source} (${alarms} of ${maxima.length})`] : [];
  });
}
