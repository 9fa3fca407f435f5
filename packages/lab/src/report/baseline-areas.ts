import type { Baseline, Contrast, PairedArea } from "./evaluation-report.ts";

export interface BaselineArea {
  name: string;
  area: number;
  /** Whether it does as well: the monitor's area is not significantly larger on the same answers. */
  level: boolean;
  /** By how much the monitor's is larger; null in a report that does not say. */
  paired: PairedArea | null;
}

const NAMES: Record<Baseline, string> = {
  length: "length",
  regex: "a list of refusal words",
  tfidf: "TF-IDF",
  embedding: "the lowest layer",
};

/**
 * What was measured beside the monitor on one contrast; nothing where the monitor itself has no area. In a report without paired differences
 * a baseline does as well where it reaches the interval of the monitor's own area.
 */
export function baselineAreas(contrast: Contrast): BaselineArea[] {
  const { low } = contrast;
  if (low === null) return [];
  return (Object.keys(NAMES) as Baseline[]).flatMap((key) => {
    const area = contrast[key];
    if (area === null) return [];
    const paired = contrast.paired?.[key] ?? null;
    return [{ name: NAMES[key], area, level: paired === null ? area >= low : !(paired.low > 0), paired }];
  });
}
