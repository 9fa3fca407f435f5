import type { DetectorSpec, Fit } from "@modx/pack";

/** What of an evaluation the pack's promise does not cover, as rows of a report: another suspect, longer answers. */
export function uncovered(
  { level, reasons, identity }: Pick<Fit, "level" | "reasons" | "identity">,
  { calibrations }: Pick<DetectorSpec, "calibrations">,
  maxTokens: number,
): [what: string, value: string][] {
  const rows: [string, string][] = [];
  if (level !== "calibrated") rows.push(["not calibrated on this suspect", reasons.join(", ")]);
  const own = calibrations.filter((calibration) => calibration.identity === identity);
  const promised = Math.min(...(own.length === 0 ? calibrations : own).map(({ length }) => length));
  if (maxTokens > promised)
    rows.push(["longer than calibrated", `answers of up to ${maxTokens} tokens; the promise is for ${promised}`]);
  return rows;
}
