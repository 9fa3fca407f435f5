import { ModxError } from "@modx/errors";
import { DEFAULT_MODEL } from "../default-model/default-model.ts";

/** Names of models that modx fetches by itself. */
export const BUILT_IN_NAMES: readonly string[] = [DEFAULT_MODEL.name];

/** The built-in name that was meant. Throws MODX_HUB_UNKNOWN_NAME. */
export function builtInName(typed: string): string {
  const found = BUILT_IN_NAMES.find((name) => name === typed.toLowerCase());
  if (found !== undefined) return found;
  throw new ModxError("MODX_HUB_UNKNOWN_NAME", {
    what: `There is no built-in model "${typed}".`,
    remedy: `Known names: ${BUILT_IN_NAMES.join(", ")}. Other models are given as a path or as hf:USER/REPO[:QUANT].`,
  });
}
