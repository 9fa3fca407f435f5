import { thresholdOn } from "../fit/threshold.ts";
import { damaged } from "./damaged.ts";
import type { Manifest } from "./manifest.ts";
import type { ClassMaxima } from "./pack.ts";

/** Shares are written as they were computed. */
const ROUNDING = 1e-6;

/**
 * What is promised, against the response maxima that it was taken from: that they are in order, that a response can exceed what is in
 * force, and as many did as is said. Throws MODX_PACK_DAMAGED.
 */
export function checkCalibrations(pack: string, { detectors }: Manifest, maxima: readonly ClassMaxima[]): void {
  for (const spec of detectors) {
    const own = maxima.filter(({ detector }) => detector === spec.name);
    for (const one of own)
      if (!inOrder(one.maxima)) throw damaged(pack, `the calibration maxima of ${spec.name} are not in order`);
    for (const { identity, traffic, farInForce } of spec.calibrations) {
      const threshold = thresholdOn(spec, identity) ?? Number.POSITIVE_INFINITY;
      const highest = Math.max(...own.filter((one) => one.identity === identity).map((one) => one.maxima.at(-1) ?? 0));
      if (!(threshold <= highest))
        throw damaged(pack, `the threshold of ${spec.name} is above everything that it was calibrated on`);
      const ofClass = own.find((one) => one.identity === identity && one.traffic === traffic)?.maxima;
      const above = ofClass?.filter((value) => value > threshold).length ?? 0;
      if (ofClass === undefined || Math.abs(above / ofClass.length - farInForce) > ROUNDING)
        throw damaged(pack, `the calibration of ${spec.name} for ${traffic} traffic is not what its maxima say`);
    }
  }
}

/** Ascending and never infinite above; -Infinity stands for a response without a score. */
function inOrder(values: Float32Array): boolean {
  return values.every((value, i) => value < Number.POSITIVE_INFINITY && (i === 0 || value >= (values[i - 1] ?? 0)));
}
