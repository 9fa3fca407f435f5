import type { Manifest } from "@modx/pack";
import type { Traffic } from "../prompts/traffic.ts";

/** Sources of the prompts asked that a pack was trained or calibrated on, by what it says of itself: its rates there are flattered. */
export function sourcesSeenBefore(
  { detectors, provenance }: Pick<Manifest, "detectors" | "provenance">,
  asked: Traffic,
): string[] {
  const calibrated = detectors.flatMap(({ calibrations }) => calibrations.flatMap(({ sources }) => sources));
  const trained = (provenance["training sources"] ?? "").split(", ").filter((source) => source !== "");
  const seen = new Set([...calibrated, ...trained]);
  const sources = Object.values(asked).flatMap((list) => list.map(({ source }) => source));
  return [...new Set(sources)].filter((source) => seen.has(source)).sort();
}
