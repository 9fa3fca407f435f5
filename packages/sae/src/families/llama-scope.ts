import { z } from "zod";
import type { Layout } from "../form/layout.ts";
import { parseConfig, residualLayer, type SaeFamily, unsupported } from "./family.ts";
import { scaledBy } from "./openmoss.ts";

const schema = z.object({
  d_model: z.int().positive(),
  d_sae: z.int().positive(),
  act_fn: z.literal("jumprelu"),
  jump_relu_threshold: z.number(),
  norm_activation: z.literal("dataset-wise"),
  dataset_average_activation_norm: z.object({ in: z.number().positive(), out: z.number().positive() }),
  apply_decoder_bias_to_pre_encoder: z.literal(false),
  sparsity_include_decoder_norm: z.boolean(),
  hook_point_in: z.string(),
  hook_point_out: z.string(),
});
type Config = z.infer<typeof schema>;

const CONFIG = "hyperparams.json";
const WEIGHTS = "checkpoints/final.safetensors";

/**
 * How the values are counted. `authors`: in units of the decoder row's length, where the published threshold belongs. `sae-lens`: as
 * SAELens converts them, without that length: fewer features are active, and values differ by sqrt(width) / (norm * length).
 */
export type LlamaScopeConvention = "authors" | "sae-lens";

/** Llama Scope (OpenMOSS), by default as its authors load it; as SAELens does only where that is asked for by its name. */
export function llamaScope(convention: LlamaScopeConvention = "authors"): SaeFamily {
  const byAuthors = convention === "authors";
  return {
    name: byAuthors ? "llama-scope" : "llama-scope-sae-lens",
    verified: "layout-only",
    // the k of its training: with jumprelu and the published threshold 29 were measured where that is 50 (block 15, 8x)
    l0OfTraining: true,
    recognises: async ({ files }) => byAuthors && files.includes(CONFIG) && files.includes(WEIGHTS),
    open: async (folder) => {
      const config = parseConfig(schema, await folder.json(CONFIG), folder.name);
      const { hook_point_in: hook } = config;
      if (hook !== config.hook_point_out) throw unsupported(folder.name, "is a transcoder");
      return {
        file: await folder.tensors(WEIGHTS),
        layout: byAuthors ? authors(config) : asSaeLens(config),
        about: { layer: residualLayer(hook), hook, model: "meta-llama/Llama-3.1-8B", l0: null },
      };
    },
  };
}

function common({
  d_model,
  d_sae,
}: Config): Pick<
  Layout,
  "width" | "features" | "input" | "encoder" | "encoderBias" | "decoder" | "decoderBias" | "subtractsDecoderBias"
> {
  return {
    width: d_model,
    features: d_sae,
    input: "raw",
    encoder: { tensor: "encoder.weight", features: "rows" },
    encoderBias: "encoder.bias",
    decoder: { tensor: "decoder.weight", features: "columns" },
    decoderBias: "decoder.bias",
    subtractsDecoderBias: false,
  };
}

/** The dataset's average norm is folded into the biases, then the decoder's lengths into the encoder. */
function authors(config: Config): Layout {
  const { in: normIn, out: normOut } = config.dataset_average_activation_norm;
  const [factorIn, factorOut] = [normIn, normOut].map((norm) => Math.sqrt(config.d_model) / norm);
  return {
    ...common(config),
    inputScale: 1,
    encoderBiasScale: 1 / (factorIn ?? 1),
    decoderScale: (factorIn ?? 1) / (factorOut ?? 1),
    decoderBiasScale: 1 / (factorOut ?? 1),
    unitDecoder: config.sparsity_include_decoder_norm,
    active: { rule: "threshold", value: config.jump_relu_threshold, scale: 1 },
  };
}

function asSaeLens(config: Config): Layout {
  const factor = Math.sqrt(config.d_model) / config.dataset_average_activation_norm.in;
  return {
    ...common(config),
    ...scaledBy(factor),
    unitDecoder: false,
    active: { rule: "threshold", value: config.jump_relu_threshold, scale: factor },
  };
}
