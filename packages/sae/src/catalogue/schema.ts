import { z } from "zod";

/** Text with `{n}` for the n-th number of a row. */
const template = z.string();

const group = z.strictObject({
  id: template,
  path: template,
  neuronpedia: template.optional(),
  hook: template,
  l0: template.optional(),
  explained: template.optional(),
  config: z.record(z.string(), z.unknown()).default({}),
  rows: z.array(z.array(z.number())).nonempty(),
});

/** `catalogue.json`, as `catalogue/make.py` writes it. */
export const catalogueSchema = z.strictObject({
  /** Package and version that the facts are from. */
  source: z.string(),
  /** Today's name of a user of the hub -> the one in the catalogue. */
  renamed: z.record(z.string(), z.string()),
  releases: z.record(
    z.string(),
    z.strictObject({ family: z.string(), model: z.string(), repo: z.string(), saes: z.array(group).nonempty() }),
  ),
});
export type CatalogueFile = z.infer<typeof catalogueSchema>;
export type Group = z.infer<typeof group>;
