import type { DetectorSpec } from "@modx/pack";
import type { Detector } from "./detector.ts";
import { FeatureList } from "./feature-list.ts";
import { JoinedTerms } from "./joined-terms.ts";
import type { RowIndex } from "./rows.ts";

/** The detector that a pack declares. `rows` says where in a token's readings the pack's rows stand, `baseRows` where in the base's. */
export function createDetector(spec: DetectorSpec, rows: RowIndex, baseRows: RowIndex = new Map()): Detector {
  switch (spec.algorithm) {
    case "joined-terms":
      return new JoinedTerms(spec, rows, baseRows);
    case "feature-list":
      return new FeatureList(spec, rows);
  }
}
