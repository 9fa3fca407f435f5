import type { DetectorSpec } from "../format/manifest.ts";

/**
 * The threshold in force on one of the pack's identities: the largest that its own classes of traffic need. What was never
 * calibrated on that identity gets the largest of all; null for a draft.
 */
export function thresholdOn(detector: DetectorSpec, identity: number): number | null {
  const own = detector.calibrations.filter((calibration) => calibration.identity === identity);
  return own.length === 0 ? detector.threshold : Math.max(...own.map(({ threshold }) => threshold));
}
