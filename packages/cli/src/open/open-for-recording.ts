import type { Engine } from "@modx/engine";
import { candidateTaps } from "@modx/lab";
import type { ModelFlags } from "../options/model-options.ts";
import { type OpenedModel, type OpenNeeds, openModel } from "./open-model.ts";

/** Conversations at a time when nobody waits for one of them. */
export const OFFLINE_SEQUENCES = 8;
/** Tokens of one conversation when the flags do not say: prompts of ordinary length with a short answer. */
export const OFFLINE_CONTEXT = 1024;

/** Opens a model with taps to record; without any named, with those that training chooses from. */
export async function openForRecording(
  flags: ModelFlags,
  taps?: readonly string[],
  more: Pick<OpenNeeds, "base"> = {},
): Promise<OpenedModel> {
  const wanted = taps ?? candidateTaps((await describeModel(flags)).layers);
  return openModel({ ctxSize: OFFLINE_CONTEXT, ...flags }, { taps: wanted, sequences: OFFLINE_SEQUENCES, ...more });
}

/** What the flags' model is, without anything being run. */
export async function describeModel(flags: ModelFlags): Promise<Engine["model"]> {
  const { engine } = await openModel({ ctxSize: OFFLINE_CONTEXT, ...flags, parallel: 1 }, { taps: [], sequences: 1 });
  await engine.close();
  return engine.model;
}
