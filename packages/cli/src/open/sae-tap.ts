import { type TapName, tapName } from "@modx/engine";
import { type OpenedSae, unsupported } from "@modx/sae";
import { usage } from "../options/option.ts";

/**
 * Where an autoencoder reads: as its files say, or, where these say nothing, as the owner does. Throws MODX_SAE_UNSUPPORTED where they say
 * another place than the residual stream behind a block, and MODX_USAGE where the two differ.
 */
export function tapOf({ about: { layer, hook }, family }: Pick<OpenedSae, "about" | "family">, said?: number): TapName {
  if (layer === null && hook !== null)
    throw unsupported(`This autoencoder (${family.name})`, `reads ${hook}, not the residual stream behind a block`);
  if (layer !== null && said !== undefined && said !== layer)
    throw usage(
      `The autoencoder reads behind block ${layer}, as its files say (${hook}), and --layer says ${said}.`,
      "Leave --layer out: it is for autoencoders whose files do not say.",
    );
  const known = layer ?? said;
  if (known === undefined) throw usage("Where the autoencoder reads is not known.", "Give the block with --layer.");
  return tapName(known);
}
