export { type Fit, fitOf } from "./fit/fit.ts";
export { thresholdOn } from "./fit/threshold.ts";
export {
  type Aggregate,
  type Calibration,
  type DetectorSpec,
  type FeatureListSpec,
  type Identity,
  type JoinedTermsSpec,
  type Manifest,
  PACK_SCHEMA,
  type QuarantinedFeature,
  type Term,
  TRAFFIC,
  type Traffic,
} from "./format/manifest.ts";
export { CARD_FILE, type ClassMaxima, type Golden, type Pack, type PackReadout } from "./format/pack.ts";
export { checkPackFolder, copyPack, packNameOf } from "./format/pack-folder.ts";
export { readPack } from "./format/read-pack.ts";
export { type PackContents, writePack } from "./format/write-pack.ts";
export { GOLDEN_TOLERANCE, goldenError } from "./golden/compare.ts";
