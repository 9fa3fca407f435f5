import type { Calibrated } from "@modx/lab";
import { percent } from "./percent.ts";

/** What a calibration promises, and what the data could not bear. */
export function promiseText({ detectors, remarks }: Calibrated): string {
  const lines: string[] = [];
  for (const { name, threshold, calibrations } of detectors) {
    lines.push(`${name}: alarms above ${threshold?.toFixed(3) ?? "nothing"}`);
    for (const { traffic, identity, n, farStated, farBound95, farInForce, length } of calibrations) {
      lines.push(
        `  ${traffic.padEnd(9)} at most ${percent(farStated)} of responses up to ${length} tokens (${n} responses, ${percent(farInForce)} of them above; 95 % bound ${percent(farBound95)})${identity === 0 ? "" : `, model ${identity + 1} of the pack`}`,
      );
    }
  }
  return `${[...lines, ...remarks].join("\n")}\n`;
}
