import { ModxError } from "@modx/errors";
import type { TensorFile } from "@modx/tensors";
import type { Published } from "./check/rules.ts";
import { dictionaryLearning } from "./families/dictionary-learning.ts";
import type { About, Found, SaeFamily } from "./families/family.ts";
import { gemmaScope, gemmaScope2 } from "./families/gemma-scope.ts";
import { llamaScope } from "./families/llama-scope.ts";
import { llamaScopeR1Distill } from "./families/llama-scope-r1-distill.ts";
import { llamascopium } from "./families/llamascopium.ts";
import { saeLens } from "./families/sae-lens.ts";
import { deepseekR1, goodfire, qwenScope } from "./families/single-file.ts";
import { sparsify } from "./families/sparsify.ts";
import { checkRule } from "./form/check-rule.ts";
import type { SaeFolder } from "./source/sae-folder.ts";

export const FAMILIES: readonly SaeFamily[] = [
  saeLens,
  llamaScope(),
  llamaScope("sae-lens"),
  llamascopium,
  llamaScopeR1Distill,
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
  /** What a check compares it with. */
  published: Published;
}

/** Opens what lies in a folder, of the named family or of the one that recognises it. Throws MODX_SAE_FAMILY, and what opening throws. */
export async function openSae(folder: SaeFolder, name?: string): Promise<OpenedSae> {
  const candidates = name === undefined ? FAMILIES : FAMILIES.filter((family) => family.name === name);
  for (const family of candidates)
    if (name !== undefined || (await family.recognises(folder))) {
      const found = await opened(family, folder);
      const about = completed(found.about, folder);
      const { l0OfTraining = false } = family;
      const published = { l0: about.l0, l0OfTraining, explained: folder.entry?.explained ?? null };
      return { family, ...found, about, published };
    }
  const known = FAMILIES.map((family) => family.name).join(", ");
  throw new ModxError("MODX_SAE_FAMILY", {
    what:
      name === undefined
        ? `${folder.name} holds no sparse autoencoder of a known family (${folder.files.slice(0, 8).join(", ") || "nothing"}).`
        : `There is no family "${name}".`,
    remedy: `Name one of ${known}.`,
  });
}

/** What a family refuses is closed again. */
async function opened(family: SaeFamily, folder: SaeFolder): Promise<Found> {
  const files: TensorFile[] = [];
  const tensors: SaeFolder["tensors"] = async (path) => {
    const file = await folder.tensors(path);
    files.push(file);
    return file;
  };
  try {
    const found = await family.open({ ...folder, tensors });
    checkRule(folder.name, found.layout);
    return found;
  } catch (error) {
    for (const file of files) await file.close();
    throw error;
  }
}

/** What its files do not say, as the catalogue has it. */
function completed(about: About, { entry }: SaeFolder): About {
  if (entry === undefined) return about;
  return {
    // with a hook and no layer, it is said to read something else than the residual stream
    layer: about.hook === null ? entry.layer : about.layer,
    hook: about.hook ?? entry.hook,
    model: about.model ?? entry.model,
    l0: about.l0 ?? entry.l0,
  };
}
