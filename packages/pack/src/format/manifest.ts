import { z } from "zod";

/** Version of `pack.json`; a reader refuses another one. */
export const PACK_SCHEMA = 1;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Of packs, rows and detectors. */
export const nameSchema = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/);
const name = nameSchema;
/** Tokens that a mean is taken over: no more than a response ever has, as each takes memory. */
const span = z.int().positive().max(65_536);
const tap = z.string().regex(/^blocks\.(0|[1-9]\d{0,4})\.hook_resid_post$/);
const rate = z.number().gt(0).lt(1);
/** The largest number that a score is computed with, and the smallest that one is divided by: readings are single precision, so every score is finite. */
const [MOST, LEAST] = [1e60, 1e-60];
const factor = z.number().min(-MOST).max(MOST);

/** What a pack was calibrated on; a difference in any of these voids the calibration, and some void the pack. */
export const identitySchema = z.strictObject({
  architecture: z.string(),
  modelName: z.string(),
  layers: z.int().positive(),
  width: z.int().positive(),
  tokenizerHash: sha256,
  templateHash: sha256.nullable(),
  quantisation: z.string(),
  modelSha256: sha256,
  adapters: z.array(z.strictObject({ sha256, scale: z.number() })),
  /** sha256 of the system message's text; null where the conversation had none of its own. */
  systemHash: sha256.nullable(),
  kvType: z.string(),
  engineVersion: z.string(),
});

const readoutSchema = z.strictObject({ tap, rows: z.array(name).min(1) });

/** Where a term takes its readings, and how those become one number. */
const termSchema = z
  .strictObject({
    name,
    /** Name of a row; where several readouts carry it, its readings are added. */
    row: name,
    /** `base-last-prompt`: the row is one of the base's, read at the prompt's last token by the model that this one was made from. */
    over: z.enum(["user", "last-prompt", "response", "base-last-prompt"]),
    aggregate: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("mean") }),
      /** Mean of the last `width` tokens (of fewer at the start, but not before `minimum`). */
      z.strictObject({ kind: z.literal("window-mean"), width: span, minimum: span }),
      /** Mean of the response's first `width` tokens, of those there are. */
      z.strictObject({ kind: z.literal("first-mean"), width: span }),
      /** Exponential moving average, a new reading's weight `alpha`; nothing before `minimum` tokens. */
      z.strictObject({ kind: z.literal("ema"), alpha: z.number().gt(0).max(1), minimum: span }),
      /** Cumulative sum of what exceeds `drift`, never below zero. */
      z.strictObject({ kind: z.literal("cusum"), drift: factor }),
    ]),
    /** The aggregate counts as no less and no more than this, so that one term alone decides nothing; unbounded when absent. */
    within: z
      .tuple([factor, factor])
      .refine(([low, high]) => low < high, "the lower bound comes first")
      .optional(),
    weight: factor,
  })
  .refine(
    ({ over, within }) => over !== "base-last-prompt" || within !== undefined,
    "what the base says is bounded, so that it need not always be asked",
  );

/** Classes of traffic that are told apart in calibration. */
export const TRAFFIC = ["benign", "refused", "sensitive"] as const;

export const calibrationSchema = z.strictObject({
  traffic: z.enum(TRAFFIC),
  description: z.string(),
  sources: z.array(z.string()),
  identity: z.int().nonnegative(),
  n: z.int().positive(),
  farStated: rate,
  /** Confidence with which the rate holds for this very threshold; absent where it holds on average over calibrations. */
  confidence: rate.optional(),
  threshold: z.number(),
  /** Upper 95 % bound of the false-alarm rate at this class's own threshold. */
  farBound95: rate,
  /** Share of this class's calibration responses above the threshold in force on its identity. */
  farInForce: z.number().min(0).max(1),
  /** Tokens of the longest response that the promise covers. */
  length: z.int().positive(),
});

/** What every detector declares. */
const declared = {
  name,
  /** What it may say at most: intent is logged and never alarmed on. */
  level: z.enum(["alarm", "intent"]),
  description: z.string(),
  /** The largest of its calibrations' thresholds, see `thresholdOn`; null for a draft that was trained and never calibrated. */
  threshold: z.number().nullable(),
  calibrations: z.array(calibrationSchema),
};

const joinedTermsSchema = z.strictObject({
  ...declared,
  algorithm: z.literal("joined-terms"),
  version: z.literal(1),
  terms: z.array(termSchema).min(1),
  bias: factor,
});

/** From a row's reading to how active its feature is. */
const activationSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("linear") }),
  z.strictObject({ kind: z.literal("relu") }),
  /** The reading where it exceeds the threshold, else nothing. */
  z.strictObject({
    kind: z.literal("jumprelu"),
    threshold: z.number(),
    /** Of a family whose rows alone do not say what is active: how well the threshold stands for it, on tokens it was not chosen on. */
    approximate: z
      .strictObject({
        precision: z.number().min(0).max(1),
        recall: z.number().min(0).max(1),
        tokens: z.int().positive(),
      })
      .optional(),
  }),
]);

const featureSchema = z.strictObject({
  /** Name of a row; where several readouts carry it, its readings are added. */
  row: name,
  label: z.string(),
  activation: activationSchema,
  /**
   * How the highest activations of benign answers are distributed: above `floor` they exceed it by `scale` on average. Null until it was
   * measured; then the feature counts as it is.
   */
  tail: z
    .strictObject({
      floor: factor,
      scale: z.number().min(LEAST).max(MOST),
    })
    .nullable(),
});

const featureListSchema = z.strictObject({
  ...declared,
  algorithm: z.literal("feature-list"),
  version: z.literal(1),
  features: z.array(featureSchema).min(1),
  /** Response tokens that an activation is averaged over, and fewest for a first score. */
  window: z.strictObject({ width: span, minimum: span }),
});

export const detectorSchema = z.discriminatedUnion("algorithm", [joinedTermsSchema, featureListSchema]);

/** Hashes of the other files of a pack, by name. */
export const filesSchema = z.record(z.string(), sha256);
export const provenanceSchema = z.record(z.string(), z.string());
/** Who or what gave the labels. */
export const labelsSchema = z.array(z.strictObject({ what: z.string(), by: z.string() }));

export const manifestSchema = z.strictObject({
  schema: z.literal(PACK_SCHEMA),
  name,
  description: z.string(),
  /** The first is what the pack was trained on; all are calibrated. Empty for published rows that have run on no model yet. */
  identities: z.array(identitySchema),
  /** What published rows are for, where they have run on no model yet. */
  madeFor: z.strictObject({ model: z.string().nullable(), width: z.int().positive() }).optional(),
  readouts: z.array(readoutSchema).min(1),
  /** Rows that are read in the model that this one was made from, and what that model is. */
  base: z.strictObject({ identity: identitySchema, readouts: z.array(readoutSchema).min(1) }).optional(),
  detectors: z.array(detectorSchema).min(1),
  labels: labelsSchema,
  provenance: provenanceSchema,
  files: filesSchema,
});

export type Traffic = (typeof TRAFFIC)[number];
export type Identity = z.infer<typeof identitySchema>;
export type Term = z.infer<typeof termSchema>;
export type Aggregate = Term["aggregate"];
export type Calibration = z.infer<typeof calibrationSchema>;
export type JoinedTermsSpec = z.infer<typeof joinedTermsSchema>;
export type FeatureListSpec = z.infer<typeof featureListSchema>;
export type QuarantinedFeature = FeatureListSpec["features"][number];
export type DetectorSpec = z.infer<typeof detectorSchema>;
export type Manifest = z.infer<typeof manifestSchema>;
