import { z } from "zod";
import { filesSchema, labelsSchema, nameSchema, PACK_SCHEMA, provenanceSchema } from "./manifest.ts";

/** A feature that an owner quarantines, and what it stands for. */
const listedSchema = z.strictObject({ index: z.int().nonnegative(), label: z.string() });

/** `pack.json` of a pack that names features whose rows it does not hold yet: it travels, and monitors nothing. */
export const unresolvedSchema = z.strictObject({
  schema: z.literal(PACK_SCHEMA),
  unresolved: z.literal(true),
  name: nameSchema,
  description: z.string(),
  sources: z
    .array(
      z.strictObject({
        /** The autoencoder: a name of the catalogue, `hf:USER/REPO/FOLDER`, or a folder. */
        sae: z.string().min(1),
        features: z.array(listedSchema).min(1),
      }),
    )
    .min(1),
  labels: labelsSchema,
  provenance: provenanceSchema,
  files: filesSchema,
});

export type ListedFeature = z.infer<typeof listedSchema>;
export type Unresolved = z.infer<typeof unresolvedSchema>;
export type FeatureSource = Unresolved["sources"][number];
