import type { TapName } from "@modx/engine";
import type { ModxError } from "@modx/errors";
import { conversationsOf, lossRecovered, type SpliceLoss } from "@modx/lab";
import { type Layout, type Sae, unsupported } from "@modx/sae";
import { PLAIN_PROMPTS } from "../commands/plain-requests.ts";
import type { ModelFlags } from "../options/model-options.ts";
import { openModel } from "./open-model.ts";
import { checkWidth } from "./sae-width.ts";

/** Throws MODX_SAE_UNSUPPORTED, before anything takes long, for an autoencoder that cannot be spliced in. */
export function checkSpliced({ active, input }: Layout, name: string): void {
  if (active.rule === "topk" || active.rule === "groupmax" || input !== "raw") throw notSpliced(name);
}

/** What splicing an autoencoder in costs the model on its own answers. */
export async function spliceLoss(flags: ModelFlags, tap: TapName, sae: Sae, name: string): Promise<SpliceLoss> {
  const { engine } = await openModel(flags, { taps: [tap], sequences: 1, edits: true });
  try {
    checkWidth(sae.width, engine.model);
    const found = await lossRecovered(engine, tap, sae, await conversationsOf(engine, PLAIN_PROMPTS));
    if (found === null) throw notSpliced(name);
    return found;
  } finally {
    await engine.close();
  }
}

function notSpliced(name: string): ModxError {
  return unsupported(
    name,
    "cannot be spliced in: its features are not active by thresholds of their own on the residual as it is",
  );
}
