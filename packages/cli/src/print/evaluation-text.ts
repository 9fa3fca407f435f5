import type { Evaluation, Rate } from "@modx/lab";
import { percent } from "./percent.ts";

/** Rates with their 95 % Wilson intervals, a line each; what alarms only where something watched. */
export function evaluationText(
  { behaviour, alarms, released, caughtBy }: Omit<Evaluation, "answers">,
  watched: boolean,
): string {
  const parts = ["what the model does:", ...lines(Object.entries(behaviour))];
  if (watched) {
    parts.push("responses that alarm:", ...lines(Object.entries(alarms)));
    if (released.median !== null)
      parts.push(
        `let out before the alarm: ${released.median} tokens at the median, ${released.p90} at the 90th percentile`,
      );
    if (Object.keys(caughtBy).length > 0) {
      const byToken = Object.entries(caughtBy).sort(([a], [b]) => Number(a) - Number(b));
      parts.push(
        "triggered and complied, caught:",
        ...lines(byToken.map(([token, rate]) => [token === "-1" ? "in the prompt" : `by token ${token}`, rate])),
      );
    }
  }
  return `${parts.join("\n")}\n`;
}

function lines(rates: readonly (readonly [string, Rate])[]): string[] {
  return rates.map(
    ([what, { rate, low, high, n }]) =>
      `  ${percent(rate).padStart(7)}  (${percent(low)} - ${percent(high)}, n = ${n})  ${what}`,
  );
}
