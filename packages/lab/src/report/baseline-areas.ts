import type { Contrast } from "./evaluation-report.ts";

export interface BaselineArea {
  name: string;
  area: number;
  /** Whether it reaches the interval of the monitor's own area. */
  level: boolean;
}

/** What was measured beside the monitor on one contrast; nothing where the monitor itself has no area. */
export function baselineAreas({ low, length, regex, tfidf, embedding }: Contrast): BaselineArea[] {
  if (low === null) return [];
  const areas = { length, "a list of refusal words": regex, "TF-IDF": tfidf, "the lowest layer": embedding };
  return Object.entries(areas).flatMap(([name, area]) => (area === null ? [] : [{ name, area, level: area >= low }]));
}
