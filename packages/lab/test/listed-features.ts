import type { FeatureListSpec, QuarantinedFeature } from "@modx/pack";

/** A detector over listed features that were measured on nothing yet. */
export function listedFeatures(features: QuarantinedFeature[], window: FeatureListSpec["window"]): FeatureListSpec {
  return {
    name: "listed",
    level: "alarm",
    description: "",
    algorithm: "feature-list",
    version: 1,
    features,
    window,
    threshold: null,
    calibrations: [],
  };
}

/** One that reads the row `content` of the built-in pack. */
export const LISTED = listedFeatures([{ row: "content", label: "x", activation: { kind: "linear" }, tail: null }], {
  width: 4,
  minimum: 1,
});
