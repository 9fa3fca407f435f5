import { ModxError } from "@modx/errors";
import { z } from "zod";
import { readJsonFile } from "../files/json-file.ts";

export const rateSchema = z.looseObject({
  n: z.number(),
  rate: z.number().nullable(),
  low: z.number(),
  high: z.number(),
});

/** What a comparison needs of a report; the rest is kept as it is. */
const reportSchema = z.looseObject({
  schema: z.literal(1),
  frozen: z.looseObject({ commit: z.string().nullable(), pack_sha256: z.string(), threshold_sha256: z.string() }),
  arms: z.record(z.string(), rateSchema),
  operating: z.record(z.string(), z.looseObject({ threshold: z.number(), caught: rateSchema })),
  hard8: z
    .looseObject({ auroc: z.number().nullable(), low: z.number().nullable(), high: z.number().nullable() })
    .optional(),
  tpr_by: z.record(z.string(), rateSchema),
  controls: z.record(z.string(), rateSchema),
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
