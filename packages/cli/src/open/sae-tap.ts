import { type TapName, tapName } from "@modx/engine";
import type { OpenedSae } from "@modx/sae";
import { usage } from "../options/option.ts";

/** Where an autoencoder reads: as its files say, or as the owner does. */
export function tapOf({ about }: OpenedSae, said: number | undefined): TapName {
  const layer = said ?? about.layer;
  if (layer === null) throw usage("Where the autoencoder reads is not known.", "Give the block with --layer.");
  return tapName(layer);
}
