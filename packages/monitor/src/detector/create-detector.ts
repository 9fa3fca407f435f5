import type { DetectorSpec } from "@modx/pack";
import type { Detector } from "./detector.ts";
import { JoinedTerms, type RowIndex } from "./joined-terms.ts";

/** The detector that a pack declares. `rows` says where in a token's readings the pack's rows stand. */
export function createDetector(spec: DetectorSpec, rows: RowIndex): Detector {
  switch (spec.algorithm) {
    case "joined-terms":
      return new JoinedTerms(spec, rows);
  }
}

/** Where each row name stands when `names` are the rows of a token's readings and the pack's begin at `from`. */
export function indexRows(names: readonly string[], from = 0): RowIndex {
  const index = new Map<string, number[]>();
  names.forEach((name, position) => {
    index.set(name, [...(index.get(name) ?? []), from + position]);
  });
  return index;
}
