import { ModxError } from "@modx/errors";

/** The residual stream after block L, in TransformerLens' words: `blocks.L.hook_resid_post`. */
export type TapName = `blocks.${number}.hook_resid_post`;

const PATTERN = /^blocks\.(0|[1-9]\d{0,4})\.hook_resid_post$/;

export function tapName(layer: number): TapName {
  return `blocks.${layer}.hook_resid_post`;
}

/** The layer of a tap. Throws MODX_USAGE_TAP for another spelling, or a layer that the model does not have. */
export function tapLayer(tap: string, layers: number): number {
  const layer = PATTERN.exec(tap)?.[1];
  if (layer === undefined) {
    throw new ModxError("MODX_USAGE_TAP", {
      what: `"${tap}" is not the name of a tap.`,
      remedy: "Write it as blocks.L.hook_resid_post, for example blocks.14.hook_resid_post.",
    });
  }
  if (Number(layer) >= layers) {
    throw new ModxError("MODX_USAGE_TAP", {
      what: `The tap ${tap} is outside the model, which has ${layers} layers.`,
      remedy: `Use a layer from 0 to ${layers - 1}.`,
    });
  }
  return Number(layer);
}
