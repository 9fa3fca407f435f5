import { ModxError } from "@modx/errors";
import { z } from "zod";
import { strangenessBy } from "./layer-fingerprint.ts";

/** Numbers small enough that no sum of their products is infinite. */
const factor = z.number().min(-1e60).max(1e60);
const version = z.literal(1);

const textSchema = z
  .strictObject({
    terms: z.array(z.string().min(1)),
    rarity: z.array(factor),
    weights: z.array(factor),
    bias: factor,
  })
  .refine(
    ({ terms, rarity, weights }) =>
      new Set(terms).size === terms.length && terms.length === rarity.length && terms.length === weights.length,
    "every term has one rarity and one weight",
  );

const fingerprintSchema = z
  .strictObject({
    width: z.int().positive(),
    mean: z.array(factor).min(1),
    variance: z.array(factor.nonnegative()),
    distances: z.strictObject({ mean: z.array(factor), covariance: z.array(z.array(factor)) }),
  })
  .refine(({ width, mean, variance, distances }) => {
    const steps = mean.length / width;
    const sizes = [distances.mean, distances.covariance, ...distances.covariance].map(({ length }) => length);
    return mean.length === variance.length && sizes.every((size) => size === steps);
  }, "its parts are of different sizes")
  .refine((fingerprint) => {
    try {
      strangenessBy(fingerprint);
      return true;
    } catch {
      return false;
    }
  }, "its covariance is singular");

/**
 * A baseline, written down. The version of its algorithm changes whenever the same conversation would get another score: with the list
 * of refusal phrases, which is not written down, too.
 */
const baselineSchema = z.discriminatedUnion("algorithm", [
  z.strictObject({ algorithm: z.literal("tf-idf"), version, response: textSchema }),
  z.strictObject({ algorithm: z.literal("prompt-tf-idf"), version, prompt: textSchema }),
  z.strictObject({ algorithm: z.literal("refusal-words-and-prompt"), version, prompt: textSchema }),
  /** The answer counts `factor` times beside the request. */
  z.strictObject({
    algorithm: z.literal("tf-idf-of-both"),
    version,
    prompt: textSchema,
    response: textSchema,
    factor,
  }),
  z.strictObject({ algorithm: z.literal("length"), version }),
  z.strictObject({ algorithm: z.literal("confidence-window"), version }),
  /** `name` says what it is usual among. */
  z.strictObject({
    algorithm: z.literal("layer-fingerprint"),
    version,
    name: z.string().min(1),
    fingerprint: fingerprintSchema,
  }),
  /** Indices of the features. */
  z.strictObject({
    algorithm: z.literal("top-features-at-the-ends"),
    version,
    quarantined: z.array(z.int().nonnegative()).min(1),
  }),
]);

export type BaselineSpec = Readonly<z.infer<typeof baselineSchema>>;

/** JSON of a baseline; its numbers are read as they were, to the last bit. */
export function writeBaseline(spec: BaselineSpec): string {
  return `${JSON.stringify(spec)}\n`;
}

/** What `writeBaseline` wrote. Throws MODX_LAB_BASELINE for anything else, and for another version. */
export function readBaseline(text: string): BaselineSpec {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw unreadable("it is not JSON");
  }
  const parsed = baselineSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unreadable(`at ${issue?.path.join(".") || "its top"}: ${issue?.message}`);
}

function unreadable(why: string): ModxError {
  return new ModxError("MODX_LAB_BASELINE", {
    what: `A baseline cannot be read: ${why}.`,
    remedy: "Use the version of modx that wrote it, or train it again.",
  });
}
