import type { ModelFlags } from "../options/model-options.ts";
import { OFFLINE_CONTEXT, OFFLINE_SEQUENCES } from "./open-for-recording.ts";
import { adapterFiles, type OpenedModel, openModel } from "./open-model.ts";

/**
 * Opens the model that the flags' one was made from: the one that is named, or the same without its adapters. Null where it
 * has none and nothing is named, or `none` is.
 */
export async function openBase(
  flags: ModelFlags,
  named: string | undefined,
  taps: readonly string[] = [],
): Promise<OpenedModel | null> {
  if (named === "none" || (named === undefined && adapterFiles(flags).length === 0)) return null;
  const { loraScaled: _, hfRepo, ...rest } = flags;
  const model = named === undefined ? { ...(hfRepo !== undefined && { hfRepo }) } : { model: named };
  return openModel(
    { ctxSize: OFFLINE_CONTEXT, ...rest, ...model, lora: ["none"] },
    { taps, sequences: OFFLINE_SEQUENCES },
  );
}
