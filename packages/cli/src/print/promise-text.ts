import type { Calibrated } from "@modx/lab";
import { type DetectorSpec, thresholdOn } from "@modx/pack";
import { percent } from "./percent.ts";

/** What a calibration promises, and what the data could not bear. */
export function promiseText({ detectors, remarks }: Calibrated): string {
  const lines: string[] = [];
  for (const detector of detectors) {
    const identities = [...new Set(detector.calibrations.map(({ identity }) => identity))];
    if (identities.length === 0) lines.push(`${detector.name}: alarms on nothing, it is not calibrated`);
    for (const identity of identities) {
      const where = identities.length === 1 ? "" : ` on model ${identity + 1} of the pack`;
      lines.push(`${detector.name}${where}: alarms above ${thresholdOn(detector, identity)?.toFixed(3)}`);
      lines.push(...promisesOn(detector, identity));
    }
  }
  return `${[...lines, ...remarks].join("\n")}\n`;
}

/** What is promised on one of a pack's identities, a line for each class of traffic. */
export function promisesOn({ calibrations }: DetectorSpec, identity: number): string[] {
  return calibrations
    .filter((calibration) => calibration.identity === identity)
    .map(
      ({ traffic, n, farStated, confidence, farBound95, farInForce, length }) =>
        `  ${traffic.padEnd(9)} at most ${percent(farStated)} of responses up to ${length} tokens alarm${
          confidence === undefined ? "" : `, with a confidence of ${percent(confidence)}`
        } (${n} responses, ${percent(farInForce)} of them do; 95 % bound ${percent(farBound95)}): expect ${perThousand(farInForce)} in a thousand`,
    );
}

function perThousand(share: number): string {
  const alarms = 1000 * share;
  return alarms < 10 ? alarms.toFixed(1) : alarms.toFixed(0);
}
