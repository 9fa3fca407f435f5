import type { Engine } from "@modx/engine";
import type { ModelFlags } from "../options/model-options.ts";
import { usage } from "../options/option.ts";
import { describeModel, OFFLINE_CONTEXT, OFFLINE_SEQUENCES } from "./open-for-recording.ts";
import { adapterFiles, type OpenedModel, openModel } from "./open-model.ts";

/** Whether the flags' model was made from one that is named, or is the same without its adapters. */
export function knowsBase(flags: ModelFlags, named: string | undefined): boolean {
  return named !== "none" && (named !== undefined || adapterFiles(flags).length > 0);
}

/**
 * Opens the model that the flags' one was made from: the one that is named, or the same without its adapters. Null where it
 * has none and nothing is named, or `none` is. It is asked in the chat template of the flags' model, as it is when that one is watched.
 */
export async function openBase(
  flags: ModelFlags,
  named: string | undefined,
  taps: readonly string[] = [],
): Promise<OpenedModel | null> {
  if (!knowsBase(flags, named)) return null;
  const { chatTemplate } = named === undefined ? { chatTemplate: null } : await describeModel(flags);
  return openModel(
    { ctxSize: OFFLINE_CONTEXT, ...baseFlags(flags, named) },
    { taps, sequences: OFFLINE_SEQUENCES, chatTemplate },
  );
}

/** Before a base is read for `model`: throws MODX_USAGE where the one that is named is of another shape or vocabulary. */
export async function checkBase(flags: ModelFlags, named: string | undefined, model: Engine["model"]): Promise<void> {
  // without adapters it is the very same model
  if (named === undefined || named === "none") return;
  checkKin(await describeModel(baseFlags(flags, named)), model);
}

type Kin = Pick<Engine["model"], "layers" | "width" | "tokenizerHash">;

/** Throws MODX_USAGE where `model` cannot have been made from `base`. */
export function checkKin(base: Kin, model: Kin): void {
  if (base.layers === model.layers && base.width === model.width && base.tokenizerHash === model.tokenizerHash) return;
  throw usage(
    "The base has another depth, width or vocabulary than the model.",
    "Name the model that it was made from, or --base none.",
  );
}

function baseFlags({ loraScaled: _, hfRepo, ...rest }: ModelFlags, named: string | undefined): ModelFlags {
  const model = named === undefined ? { ...(hfRepo !== undefined && { hfRepo }) } : { model: named };
  return { ...rest, ...model, lora: ["none"] };
}
