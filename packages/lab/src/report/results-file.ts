import { ModxError } from "@modx/errors";
import { z } from "zod";
import { readJsonFile } from "../files/json-file.ts";

export const rateSchema = z.looseObject({
  n: z.number(),
  rate: z.number().nullable(),
  low: z.number(),
  high: z.number(),
});

const contrast = z.looseObject({
  auroc: z.number().nullable(),
  low: z.number().nullable().optional(),
  high: z.number().nullable().optional(),
});
const tokens = z
  .looseObject({ rho: z.number(), low: z.number(), high: z.number(), tokens: z.number() })
  .nullable()
  .optional();
const ends = z.tuple([z.number(), z.number()]);
const length = z.number().nullable();

/** What a comparison needs of a report; the rest is kept as it is. */
const reportSchema = z.looseObject({
  schema: z.literal(1),
  frozen: z.looseObject({ commit: z.string().nullable(), pack_sha256: z.string(), threshold_sha256: z.string() }),
  arms: z.record(z.string(), rateSchema),
  operating: z.record(z.string(), z.looseObject({ threshold: z.number(), caught: rateSchema })),
  behaviour: z.record(z.string(), z.looseObject({ refused: rateSchema, answered: rateSchema })).optional(),
  hard8: contrast.optional(),
  refused8: contrast.optional(),
  unseen8: contrast.optional(),
  surprisal: contrast
    .extend({
      complied: z.number().nullable(),
      sensitive: z.number().nullable(),
      token_complied: tokens,
      token_sensitive: tokens,
    })
    .optional(),
  paired: z.array(z.looseObject({ versus: z.string(), b: z.number(), c: z.number() })).optional(),
  beside: z
    .record(z.string(), contrast.extend({ caught: rateSchema.nullable(), benign: rateSchema.nullable() }))
    .optional(),
  delay: z
    .looseObject({
      median: length,
      p90: length,
      recall_honest: length,
      intervals: z.looseObject({ median: ends, p90: ends, recall_honest: ends }).optional(),
    })
    .optional(),
  tpr_by: z.record(z.string(), rateSchema),
  controls: z.record(z.string(), rateSchema),
  /** Absent in reports that were stored without an autoencoder. */
  seedRule: z.record(z.string(), rateSchema).optional(),
});

const runSchema = z.strictObject({
  name: z.string(),
  /** Flags of `modx lab evaluate`, camel case; files are seen from the folder of this file. */
  flags: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())])),
  /** What it found; null before it ran. */
  report: reportSchema.nullable(),
});

const schema = z.strictObject({ schema: z.literal(1), runs: z.array(runSchema).min(1) });

export type ResultsFile = z.infer<typeof schema>;
export type StoredReport = z.infer<typeof reportSchema>;

/** Reads evaluations with what they found. Throws MODX_USAGE_RESULTS. */
export function readResults(path: string): ResultsFile {
  return readJsonFile(
    path,
    schema,
    (why, cause) =>
      new ModxError("MODX_USAGE_RESULTS", {
        what: `The results file ${path} cannot be used: ${why}.`,
        remedy:
          'Give {"schema":1,"runs":[{"name","flags":{...},"report":null}]}, flags as in: modx lab evaluate --help',
        cause,
      }),
  );
}
