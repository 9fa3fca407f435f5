import { ModxError } from "@modx/errors";
import { dictionaryLearning } from "./families/dictionary-learning.ts";
import type { Found, SaeFamily } from "./families/family.ts";
import { gemmaScope, gemmaScope2 } from "./families/gemma-scope.ts";
import { llamaScope } from "./families/llama-scope.ts";
import { llamascopium } from "./families/llamascopium.ts";
import { saeLens } from "./families/sae-lens.ts";
import { deepseekR1, goodfire, qwenScope } from "./families/single-file.ts";
import { sparsify } from "./families/sparsify.ts";
import type { SaeFolder } from "./source/sae-folder.ts";

export const FAMILIES: readonly SaeFamily[] = [
  saeLens,
  llamaScope(),
  llamascopium,
  gemmaScope,
  gemmaScope2,
  dictionaryLearning,
  sparsify,
  goodfire,
  qwenScope,
  deepseekR1,
];

export interface OpenedSae extends Found {
  family: SaeFamily;
}

/** Opens what lies in a folder, of the named family or of the one that recognises it. Throws MODX_SAE_FAMILY, and what opening throws. */
export async function openSae(folder: SaeFolder, name?: string): Promise<OpenedSae> {
  const candidates = name === undefined ? FAMILIES : FAMILIES.filter((family) => family.name === name);
  for (const family of candidates)
    if (name !== undefined || (await family.recognises(folder))) return { family, ...(await family.open(folder)) };
  const known = FAMILIES.map((family) => family.name).join(", ");
  throw new ModxError("MODX_SAE_FAMILY", {
    what:
      name === undefined
        ? `${folder.name} holds no sparse autoencoder of a known family (${folder.files.slice(0, 8).join(", ") || "nothing"}).`
        : `There is no family "${name}".`,
    remedy: `Name one of ${known}.`,
  });
}
