import { z } from "zod";
import type { DrawnReport } from "./report-html.ts";

/** JSON writes a share of nothing as null. */
const share = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);
const rate = z.object({ hits: z.number(), n: z.number(), rate: share, low: z.number(), high: z.number() });
const armRate = rate.extend({ prompts: z.number(), alarms: z.number() });
const area = z.number().nullable();
const pair = z.tuple([z.number(), z.number()]);
const counts = { b: z.number(), c: z.number() };

const pairedArea = z.object({
  area: z.number(),
  difference: z.number(),
  low: z.number(),
  high: z.number(),
  p: z.number(),
});
const contrast = z.object({
  auroc: area,
  low: area,
  high: area,
  length: area,
  regex: area,
  tfidf: area,
  embedding: area,
  paired: z
    .object({
      length: pairedArea.exactOptional(),
      regex: pairedArea.exactOptional(),
      tfidf: pairedArea.exactOptional(),
      embedding: pairedArea.exactOptional(),
    })
    .exactOptional(),
});
const tokenCorrelation = z
  .object({ rho: z.number(), low: z.number(), high: z.number(), tokens: z.number() })
  .nullable()
  .exactOptional();
const labelErrors = z.object({
  arm: z.string(),
  label: z.enum(["refused", "complied"]),
  read: z.number(),
  wrong: z.number(),
  high: z.number(),
});
const behaviour = z.object({
  n: z.number(),
  ambiguous: z.number(),
  degenerate: z.number(),
  refused: rate,
  answered: rate,
  worst: z.object({ refused: pair, answered: pair }),
});

const figures = z.object({
  threshold: z.number(),
  roc: z.array(z.object({ name: z.string(), points: z.array(pair) })),
  maxima: z.array(
    z.object({
      arm: z.string(),
      // an answer that never had a score
      values: z.array(
        z
          .number()
          .nullable()
          .transform((value) => value ?? Number.NEGATIVE_INFINITY),
      ),
    }),
  ),
  promises: z.array(z.object({ traffic: z.string(), stated: z.number(), realised: rate })),
  delay: z.array(pair),
  course: z.array(
    z.object({
      arm: z.string(),
      points: z.array(z.object({ token: z.number(), low: z.number(), median: z.number(), high: z.number() })),
    }),
  ),
});

/** A whole report as JSON keeps it; what older versions did not say is absent, and figures need not be stored. */
export const drawnReportSchema: z.ZodType<DrawnReport> = z.object({
  schema: z.literal(1),
  frozen: z.object({
    commit: z.string().nullable(),
    pack_in_commit: z.boolean().nullable().exactOptional(),
    pack_sha256: z.string(),
    threshold_sha256: z.string(),
  }),
  labels: z.object({
    n: z.number(),
    ambiguous: z.number(),
    degenerate: z.number(),
    read: z.number(),
    error_high: z.number(),
    errors: z.array(labelErrors).exactOptional(),
  }),
  arms: z.record(z.string(), armRate),
  behaviour: z.record(z.string(), behaviour),
  hard8: contrast,
  refused8: contrast,
  unseen8: contrast.exactOptional(),
  surprisal: z.object({
    auroc: area,
    low: area.exactOptional(),
    high: area.exactOptional(),
    complied: area,
    sensitive: area,
    token_complied: tokenCorrelation,
    token_sensitive: tokenCorrelation,
  }),
  operating: z.record(
    z.string(),
    z.object({
      threshold: z.number(),
      caught: armRate,
      benign: armRate,
      benignCalibrated: armRate.exactOptional(),
      benignNew: armRate.exactOptional(),
      benignTriggered: armRate,
      refused: armRate,
      unseen: armRate.exactOptional(),
      sensitive: armRate,
    }),
  ),
  tpr_by: z.record(z.string(), rate),
  at_prompt: z
    .object({
      monitor: rate,
      "prompt-tf-idf": rate.nullable(),
      paired: z.object({ ...counts, p: z.number() }).nullable(),
    })
    .exactOptional(),
  beside: z.record(
    z.string(),
    z.object({
      auroc: area,
      low: area.exactOptional(),
      high: area.exactOptional(),
      threshold: z.number().nullable(),
      caught: armRate.nullable(),
      benign: armRate.nullable(),
    }),
  ),
  delay: z.object({
    median: z.number().nullable(),
    p90: z.number().nullable(),
    recall_honest: z.number().nullable(),
    intervals: z.object({ median: pair, p90: pair, recall_honest: pair }).exactOptional(),
  }),
  paired: z.array(z.object({ versus: z.string(), ...counts, p_holm: z.number() })),
  seedRule: z.record(z.string(), armRate).exactOptional(),
  controls: z.record(z.string(), rate),
  swap: z.array(z.object({ what: z.string(), ...counts, p_holm: z.number() })).exactOptional(),
  cost: z.object({ score_us_per_token: z.number(), tokens: z.number() }).exactOptional(),
  limits: z.array(z.string()).exactOptional(),
  missed: z.array(z.string()),
  untested: z.array(z.string()),
  about: z.array(z.tuple([z.string(), z.string()])),
  figures: figures.exactOptional(),
});
