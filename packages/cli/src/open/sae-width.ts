import { usage } from "../options/option.ts";

/** Throws MODX_USAGE where an autoencoder is for another width than the model's. */
export function checkWidth(wanted: number, { width }: { width: number }): void {
  if (width === wanted) return;
  throw usage(
    `The autoencoder is for a residual stream of width ${wanted}, the model's is ${width}.`,
    "Give the model that it was trained on.",
  );
}
