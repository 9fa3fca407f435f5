import type { Evaluation, Rate } from "@modx/lab";
import { percent } from "./percent.ts";

/** Rates with their 95 % Wilson intervals, a line each. */
export function evaluationText({ behaviour, alarms, released, caughtBy }: Omit<Evaluation, "answers">): string {
  const lines = (rates: Record<string, Rate>): string[] =>
    Object.entries(rates).map(
      ([what, { rate, low, high, n }]) =>
        `  ${percent(rate).padStart(7)}  (${percent(low)} - ${percent(high)}, n = ${n})  ${what}`,
    );
  return `${[
    "what the model does:",
    ...lines(behaviour),
    "responses that alarm:",
    ...lines(alarms),
    ...(released.median === null
      ? []
      : [`let out before the alarm: ${released.median} tokens at the median, ${released.p90} at the 90th percentile`]),
    ...(Object.keys(caughtBy).length === 0 ? [] : ["triggered and complied, caught by token:", ...lines(caughtBy)]),
  ].join("\n")}\n`;
}
