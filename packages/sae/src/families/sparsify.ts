import { z } from "zod";
import { PLAIN } from "../form/layout.ts";
import { parseConfig, residualLayer, type SaeFamily, unsupported } from "./family.ts";
import { partsOf } from "./path-parts.ts";

const schema = z.object({
  d_in: z.int().positive(),
  num_latents: z.int().default(0),
  expansion_factor: z.int().positive().default(32),
  k: z.int().positive(),
  activation: z.enum(["topk", "groupmax"]).default("topk"),
  transcode: z.boolean().default(false),
  skip_connection: z.boolean().default(false),
});

const [CONFIG, WEIGHTS] = ["cfg.json", "sae.safetensors"];

/** sparsify (EleutherAI): a folder for each hook point, named after it. */
export const sparsify: SaeFamily = {
  name: "sparsify",
  verified: "author-library",
  recognises: async ({ files }) => files.includes(CONFIG) && files.includes(WEIGHTS),
  open: async (folder) => {
    const config = parseConfig(schema, await folder.json(CONFIG), folder.name);
    if (config.transcode) throw unsupported(folder.name, "is a transcoder");
    if (config.skip_connection) throw unsupported(folder.name, "has a linear connection beside its features");
    const hook = hookOf(folder.name);
    return {
      file: await folder.tensors(WEIGHTS),
      layout: {
        ...PLAIN,
        width: config.d_in,
        features: config.num_latents || config.d_in * config.expansion_factor,
        encoder: { tensor: "encoder.weight", features: "rows" },
        encoderBias: "encoder.bias",
        decoder: { tensor: "W_dec", features: "rows" },
        decoderBias: "b_dec",
        subtractsDecoderBias: true,
        active: { rule: config.activation, k: config.k },
      },
      about: { layer: residualLayer(hook), hook, model: null, l0: config.k },
    };
  },
};

/** A module of the model, `layers.5`, `layers.5.mlp` or `embed_tokens`; a folder that was renamed says nothing. */
function hookOf(name: string): string | null {
  const last = partsOf(name).at(-1) ?? "";
  return /(?:^|\.)(?:(?:layers|h)\.\d+|embed\w*)(?:\.|$)/.test(last) ? last : null;
}
