import { type Calibration, type DetectorSpec, type Identity, type Term, thresholdOn } from "@modx/pack";

export interface CardFacts {
  name: string;
  identities: readonly Identity[];
  detectors: readonly DetectorSpec[];
  taps: readonly string[];
  provenance: Readonly<Record<string, string>>;
  remarks: readonly string[];
}

const percent = (rate: number): string => `${(100 * rate).toFixed(1)} %`;

/** The pack in words, for people. */
export function writeCard({ name, identities, detectors, taps, provenance, remarks }: CardFacts): string {
  const parts = [`# Pack ${name}`];
  for (const detector of detectors) {
    parts.push(
      `## ${detector.name}`,
      `${detector.description}.`,
      `Score = ${describeScore(detector)}, read at ${taps.join(", ")}. Alarm above ${thresholds(detector, identities)}.`,
    );
    if (detector.calibrations.length > 0) parts.push(promises(detector.calibrations, identities));
  }
  if (remarks.length > 0) parts.push("## Remarks", remarks.map((remark) => `- ${remark}`).join("\n"));
  parts.push(
    "## How it was made",
    Object.entries(provenance)
      .map(([what, value]) => `- ${what}: ${value}`)
      .join("\n"),
  );
  return `${parts.join("\n\n")}\n`;
}

function describeScore(detector: DetectorSpec): string {
  if (detector.algorithm === "feature-list")
    return `sum, over ${detector.features.length} features, of how far the highest mean over ${detector.window.width} tokens exceeds what benign answers reach`;
  const { terms, bias } = detector;
  const parts = terms.map(describeTerm);
  if (bias !== 0) parts.push(`${bias < 0 ? "-" : "+"} ${Math.abs(bias).toFixed(3)}`);
  return parts.join(" ").replace(/^\+ /, "");
}

function describeTerm({ name, weight, within }: Term): string {
  const bounds = within === undefined ? "" : ` (kept within ${within.join(" and ")})`;
  return `${weight < 0 ? "-" : "+"} ${Math.abs(weight).toFixed(3)} x ${name}${bounds}`;
}

function thresholds(detector: DetectorSpec, identities: readonly Identity[]): string {
  if (detector.threshold === null) return "(not calibrated)";
  return identities
    .map((identity, index) => `${thresholdOn(detector, index)?.toFixed(3)} with adapter ${adaptersOf(identity)}`)
    .join(", ");
}

function adaptersOf(identity: Identity | undefined): string {
  return identity?.adapters.map(({ sha256 }) => sha256.slice(0, 12)).join(" and ") || "none";
}

function promises(calibrations: readonly Calibration[], identities: readonly Identity[]): string {
  const rows = calibrations.map(({ traffic, identity, n, farStated, farBound95, farInForce, length, sources }) => {
    return `| ${traffic} | ${adaptersOf(identities[identity])} | ${n} | ${percent(farStated)} | ${percent(farBound95)} | ${percent(farInForce)} | ${length} | ${sources.join(", ")} |`;
  });
  return [
    "Of responses like those it was calibrated on, at most the stated share alarms. With each adapter the largest threshold of its lines is in force, so most classes alarm less.",
    "",
    "| traffic | adapter | responses | stated | 95 % bound | alarmed here | tokens at most | sources |",
    "|---|---|---|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}
