import { z } from "zod";
import { manifestSchema } from "../format/manifest.ts";
import { unresolvedSchema } from "../format/unresolved.ts";

/** JSON Schema (2020-12) of `pack.json`, for tools that are not modx. What refers to something else inside it is checked by `readPack` alone. */
export function packJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(z.union([manifestSchema, unresolvedSchema]));
  return { $schema, title: "pack.json of modx", ...schema };
}
