import { candidateTaps } from "@modx/lab";
import type { ModelFlags } from "../options/model-options.ts";
import { type OpenedModel, openModel } from "./open-model.ts";

/** Conversations at a time when nobody waits for one of them. */
export const OFFLINE_SEQUENCES = 8;
/** Tokens of one conversation when the flags do not say: prompts of ordinary length with a short answer. */
export const OFFLINE_CONTEXT = 1024;

/** Opens a model with taps to record; without any named, with those that training chooses from. */
export async function openForRecording(flags: ModelFlags, taps?: readonly string[]): Promise<OpenedModel> {
  const offline = { ctxSize: OFFLINE_CONTEXT, ...flags };
  if (taps !== undefined) return openModel(offline, { taps, sequences: OFFLINE_SEQUENCES });
  const plain = await openModel({ ...offline, parallel: 1 }, { taps: [], sequences: 1 });
  const { layers } = plain.engine.model;
  await plain.engine.close();
  return openModel(offline, { taps: candidateTaps(layers), sequences: OFFLINE_SEQUENCES });
}
