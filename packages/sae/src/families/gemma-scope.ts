import type { TensorFile } from "@modx/tensors";
import { type Layout, PLAIN } from "../form/layout.ts";
import type { SaeFolder } from "../source/sae-folder.ts";
import { type About, residualHook, type SaeFamily, unsupported } from "./family.ts";

/** Gemma Scope: no configuration but the path, weights in numpy's archive (first release) or safetensors (second). */
function family(name: string, weights: string): SaeFamily {
  return {
    name,
    verified: "layout-only",
    recognises: async ({ files }) => files.includes(weights),
    open: async (folder) => {
      if (/(?:^|\/)embedding\//.test(`${folder.name}/`)) throw unsupported(folder.name, "is of token embeddings");
      const file = await folder.tensors(weights);
      return { file, layout: layoutOf(file), about: aboutOf(folder) };
    },
  };
}

export const gemmaScope = family("gemma-scope", "params.npz");
export const gemmaScope2 = family("gemma-scope-2", "params.safetensors");

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

/** `layer_20/width_16k/average_l0_71`, or `layer_9_width_16k_l0_small`, in the path. */
function aboutOf({ name }: SaeFolder): About {
  // of attention and MLP outputs there are others in folders of the same form
  const elsewhere = /[-_/](?:att|attn|mlp|transcoder|clt)(?:[-_/]|$)/.test(name);
  const layer = elsewhere ? undefined : /layer_(\d+)/.exec(name)?.[1];
  const l0 = /average_l0_(\d+)/.exec(name)?.[1];
  return {
    layer: layer === undefined ? null : Number(layer),
    hook: layer === undefined ? null : residualHook(Number(layer)),
    model: null,
    l0: l0 === undefined ? null : Number(l0),
  };
}
