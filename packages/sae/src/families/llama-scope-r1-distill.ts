import { z } from "zod";
import { parseConfig, residualLayer, type SaeFamily } from "./family.ts";
import { checkPlain, normFactor, openMossFields, scaledBy } from "./openmoss.ts";

const schema = z.object({
  ...openMossFields,
  expansion_factor: z.number().positive(),
  act_fn: z.literal("jumprelu"),
  norm_activation: z.literal("dataset-wise").default("dataset-wise"),
  apply_decoder_bias_to_pre_encoder: z.literal(false).default(false),
});

const [CONFIG, WEIGHTS] = ["config.json", "sae_weights.safetensors"];
const [ENCODER, THRESHOLDS] = ["encoder.weight", "log_jumprelu_threshold"];

/**
 * Llama Scope R1-Distill (OpenMOSS): Llamascopium's form from when its matrices were torch's layers. Source: OpenMOSS/Language-Model-SAEs
 * at 00366e2, src/lm_saes/sae.py and config.py, which write and read these names. There a feature is active where its value times the
 * length of its decoder's row is above its threshold, unless `sparsity_include_decoder_norm` says no, and then rows are saved at unit
 * length; it is true where a configuration is silent. SAELens 6.54 reads the same thresholds and leaves the lengths out.
 */
export const llamaScopeR1Distill: SaeFamily = {
  name: "llama-scope-r1-distill",
  verified: "layout-only",
  recognises: async (folder) => {
    if (!folder.files.includes(CONFIG) || !folder.files.includes(WEIGHTS)) return false;
    const file = await folder.tensors(WEIGHTS);
    const own = file.has(ENCODER) && file.has(THRESHOLDS);
    await file.close();
    return own;
  },
  open: async (folder) => {
    const config = parseConfig(schema, await folder.json(CONFIG), folder.name);
    const { d_model: width, hook_point_in: hook } = config;
    checkPlain(folder.name, config);
    const file = await folder.tensors(WEIGHTS);
    const factor = await normFactor(file, folder.name, hook, width);
    return {
      file,
      layout: {
        width,
        features: Math.round(width * config.expansion_factor),
        input: "raw",
        encoder: { tensor: ENCODER, features: "rows" },
        encoderBias: "encoder.bias",
        decoder: { tensor: "decoder.weight", features: "columns" },
        decoderBias: config.use_decoder_bias ? "decoder.bias" : null,
        ...scaledBy(factor),
        unitDecoder: config.sparsity_include_decoder_norm,
        active: { rule: "thresholds", tensor: THRESHOLDS, logarithm: true, scale: 1 },
      },
      about: { layer: residualLayer(hook), hook, model: null, l0: null },
    };
  },
};
