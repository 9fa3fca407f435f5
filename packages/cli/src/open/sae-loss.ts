import type { TapName } from "@modx/engine";
import { conversationsOf, lossRecovered, type SpliceLoss } from "@modx/lab";
import { type Sae, unsupported } from "@modx/sae";
import { PLAIN_PROMPTS } from "../commands/plain-requests.ts";
import type { ModelFlags } from "../options/model-options.ts";
import { usage } from "../options/option.ts";
import { openModel } from "./open-model.ts";

/** What splicing an autoencoder in costs the model on its own answers. */
export async function spliceLoss(flags: ModelFlags, tap: TapName, sae: Sae, name: string): Promise<SpliceLoss> {
  const { engine } = await openModel(flags, { taps: [tap], sequences: 1, edits: true });
  try {
    if (engine.model.width !== sae.width)
      throw usage(
        `The autoencoder is for a residual stream of width ${sae.width}, the model's is ${engine.model.width}.`,
        "Give the model that it was trained on, or leave out --loss.",
      );
    const found = await lossRecovered(engine, tap, sae, await conversationsOf(engine, PLAIN_PROMPTS));
    if (found === null)
      throw unsupported(name, "cannot be spliced in: its features are not active by thresholds of their own");
    return found;
  } finally {
    await engine.close();
  }
}
