import type { DetectorSpec } from "@modx/pack";
import type { Detector } from "./detector.ts";
import { FeatureList } from "./feature-list.ts";
import { JoinedTerms } from "./joined-terms.ts";
import type { RowIndex } from "./rows.ts";

/** The detector that a pack declares. `rows` says where in a token's readings the pack's rows stand. */
export function createDetector(spec: DetectorSpec, rows: RowIndex): Detector {
  switch (spec.algorithm) {
    case "joined-terms":
      return new JoinedTerms(spec, rows);
    case "feature-list":
      return new FeatureList(spec, rows);
  }
}
