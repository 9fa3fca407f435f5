import type { TensorFile } from "@modx/tensors";
import { type Layout, PLAIN } from "../form/layout.ts";
import { type SaeFamily, unsupported } from "./family.ts";
import { aboutConfig } from "./gemma-config.ts";
import { aboutPath } from "./gemma-path.ts";

/** What only transcoders have. */
const AFFINE = "affine_skip_connection";

/** Gemma Scope: weights in numpy's archive (first release, all else is said by the path) or safetensors (second). */
function family(name: string, weights: string, configured: boolean): SaeFamily {
  return {
    name,
    verified: "layout-only",
    recognises: async ({ files }) => files.includes(weights),
    open: async (folder) => {
      const about = (configured ? await aboutConfig(folder) : null) ?? aboutPath(folder.name);
      const file = await folder.tensors(weights);
      if (file.has(AFFINE)) throw unsupported(folder.name, "has an affine connection beside its features");
      return { file, layout: layoutOf(file), about };
    },
  };
}

export const gemmaScope = family("gemma-scope", "params.npz", false);
export const gemmaScope2 = family("gemma-scope-2", "params.safetensors", true);

function layoutOf(file: TensorFile): Layout {
  // the second release writes its matrices in small letters
  const [encoder, decoder] = ["W_enc", "W_dec"].map((name) => (file.has(name) ? name : name.toLowerCase()));
  const [width = 0, features = 0] = file.shape(encoder ?? "");
  return {
    ...PLAIN,
    width,
    features,
    encoder: { tensor: encoder ?? "", features: "columns" },
    encoderBias: "b_enc",
    decoder: { tensor: decoder ?? "", features: "rows" },
    decoderBias: "b_dec",
    active: { rule: "thresholds", tensor: "threshold", logarithm: false, scale: 1 },
  };
}
