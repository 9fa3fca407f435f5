export { type Difference, diffPacks } from "./diff/diff.ts";
export { compareIdentities, type Fit, fitOf, fitOn } from "./fit/fit.ts";
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
export { CARD_FILE, type ClassMaxima, type Golden, MANIFEST_FILE, type Pack, type PackReadout } from "./format/pack.ts";
export { checkPackFolder, copyPack, packNameOf } from "./format/pack-folder.ts";
export { isResolved, readAnyPack, readPack, readPackFiles, type UnresolvedPack } from "./format/read-pack.ts";
export type { FeatureSource, ListedFeature, Unresolved } from "./format/unresolved.ts";
export { type PackContents, type UnresolvedContents, writePack, writeUnresolved } from "./format/write-pack.ts";
export { GOLDEN_TOLERANCE, goldenError } from "./golden/compare.ts";
export { readFeatureFile, readFeatureSources, withSource } from "./import/feature-file.ts";
export { packJsonSchema } from "./schema/json-schema.ts";
export { createKey, readPrivateKey, readPublicKey } from "./sign/keys.ts";
export { checkSignable, signPack } from "./sign/sign-pack.ts";
export type { Signature } from "./sign/signature.ts";
