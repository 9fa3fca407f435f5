import { z } from "zod";
import type { ActiveLayout, Layout } from "../form/layout.ts";
import { parseConfig, residualLayer, type SaeFamily, unsupported } from "./family.ts";
import { checkPlain, normFactor, openMossFields, scaledBy } from "./openmoss.ts";

const schema = z.object({
  ...openMossFields,
  d_sae: z.int().positive().optional(),
  expansion_factor: z.number().positive().optional(),
  act_fn: z.string(),
  top_k: z.number().optional(),
  norm_activation: z.string().default("dataset-wise"),
});

const [CONFIG, WEIGHTS] = ["config.json", "sae_weights.safetensors"];

/** Llamascopium from 2.0 on (OpenMOSS), weights as `W_E` and `W_D`, the dataset's average norms beside them. */
export const llamascopium: SaeFamily = {
  name: "llamascopium",
  verified: "author-library",
  recognises: async (folder) => {
    if (!folder.files.includes(CONFIG) || !folder.files.includes(WEIGHTS)) return false;
    const file = await folder.tensors(WEIGHTS);
    const own = file.has("W_E") && file.has("W_D");
    await file.close();
    return own;
  },
  open: async (folder) => {
    const config = parseConfig(schema, await folder.json(CONFIG), folder.name);
    const { d_model: width, hook_point_in: hook } = config;
    checkPlain(folder.name, config);
    const active = activeOf(folder.name, config);
    const { norm_activation: norm } = config;
    if (!["dataset-wise", "token-wise", "inference"].includes(norm))
      throw unsupported(folder.name, `normalises its input "${norm}"`);
    const file = await folder.tensors(WEIGHTS);
    const factor = norm === "dataset-wise" ? await normFactor(file, folder.name, hook, width) : 1;
    const layout: Layout = {
      width,
      features: config.d_sae ?? Math.round(width * (config.expansion_factor ?? 0)),
      input: norm === "token-wise" ? "unit-length" : "raw",
      encoder: { tensor: "W_E", features: "columns" },
      encoderBias: "b_E",
      decoder: { tensor: "W_D", features: "rows" },
      decoderBias: config.use_decoder_bias ? "b_D" : null,
      ...scaledBy(factor),
      // values and thresholds are in units of the decoder row's length while it is decided who is active, and only then
      unitDecoder: config.sparsity_include_decoder_norm,
      active,
    };
    return { file, layout, about: { layer: residualLayer(hook), hook, model: null, l0: null } };
  },
};

function activeOf(name: string, { act_fn, top_k }: z.infer<typeof schema>): ActiveLayout {
  if (act_fn === "relu") return { rule: "threshold", value: 0, scale: 1 };
  if (act_fn === "topk" && top_k !== undefined && Number.isInteger(top_k)) return { rule: "topk", k: top_k };
  if (act_fn === "jumprelu")
    return { rule: "thresholds", tensor: "activation_function.log_jumprelu_threshold", logarithm: true, scale: 1 };
  throw unsupported(name, `has the activation "${act_fn}"`);
}
