import type { TensorFile } from "@modx/tensors";
import { z } from "zod";
import { type ActiveLayout, type Input, type Layout, PLAIN } from "../form/layout.ts";
import { type About, parseConfig, residualLayer, type SaeFamily, unsupported } from "./family.ts";

/** Configurations of SAELens since 6.0, and those before, which are renamed to them first. */
const schema = z.object({
  architecture: z.string().default("standard"),
  d_in: z.int().positive(),
  d_sae: z.int().positive(),
  k: z.number().optional(),
  apply_b_dec_to_input: z.boolean().default(true),
  normalize_activations: z.string().default("none"),
  /** Of `expected_average_only_in`: stands in SAELens' table of releases, and not in the weights. */
  norm_scaling_factor: z.number().positive().optional(),
  rescale_acts_by_decoder_norm: z.boolean().default(false),
  reshape_activations: z.string().default("none"),
  metadata: z
    .object({
      hook_name: z.string().nullish(),
      model_name: z.string().nullish(),
      model_from_pretrained_kwargs: z.record(z.string(), z.unknown()).nullish(),
    })
    .default({}),
});
type Config = z.infer<typeof schema>;

const WEIGHTS = "sae_weights.safetensors";
const CONFIG = "cfg.json";
const FACTORS = ["scaling_factor", "finetuning_scaling_factor"];

export const saeLens: SaeFamily = {
  name: "sae-lens",
  verified: "author-library",
  recognises: async ({ files }) => files.includes(CONFIG) && files.includes(WEIGHTS),
  open: async (folder) => {
    const config = parseConfig(schema, renamed(await folder.json(CONFIG)), folder.name);
    const layout = layoutOf(folder.name, config);
    const file = await folder.tensors(WEIGHTS);
    await checkFactors(folder.name, file);
    return { file, layout, about: aboutOf(config) };
  },
};

/** Of fine-tuning, from before 6.0: the factors of each feature are ones, which say nothing, or are not read. */
async function checkFactors(name: string, file: TensorFile): Promise<void> {
  for (const tensor of FACTORS)
    if (file.has(tensor) && (await file.rows(tensor)).some((factor) => !(Math.abs(factor - 1) < 1e-5)))
      throw unsupported(name, `was fine-tuned with factors of its features (${tensor})`);
}

function layoutOf(name: string, config: Config): Layout {
  if (config.reshape_activations !== "none") throw unsupported(name, "reads something else than the residual stream");
  const scale = config.normalize_activations === "expected_average_only_in" ? config.norm_scaling_factor : 1;
  if (scale === undefined)
    throw unsupported(
      name,
      "was trained on scaled activations, and its files do not say by how much (norm_scaling_factor)",
    );
  return {
    ...PLAIN,
    width: config.d_in,
    features: config.d_sae,
    input: inputOf(name, config),
    encoder: { tensor: "W_enc", features: "columns" },
    encoderBias: config.architecture === "gated" ? null : "b_enc",
    decoder: { tensor: "W_dec", features: "rows" },
    decoderBias: "b_dec",
    subtractsDecoderBias: config.apply_b_dec_to_input,
    inputScale: scale,
    decoderScale: 1 / scale,
    decoderBiasScale: 1 / scale,
    unitDecoder: config.rescale_acts_by_decoder_norm,
    active: activeOf(name, config),
  };
}

function activeOf(name: string, { architecture, k }: Config): ActiveLayout {
  switch (architecture) {
    case "standard":
      return { rule: "threshold", value: 0, scale: 1 };
    // trained by batch, these are saved with the threshold that the training ended with
    case "jumprelu":
    case "batchtopk":
    case "matryoshka_batchtopk":
      return { rule: "thresholds", tensor: "threshold", logarithm: false, scale: 1 };
    case "gated":
      return { rule: "gated", gateBias: "b_gate", magnitudeBias: "b_mag", logScale: "r_mag" };
    case "topk":
      if (k !== undefined && Number.isInteger(k) && k > 0) return { rule: "topk", k };
      throw unsupported(name, `keeps the k largest, and its k is ${k}`);
    default:
      throw unsupported(name, `is of the architecture "${architecture}"`);
  }
}

function inputOf(name: string, { normalize_activations: normalised, metadata }: Config): Input {
  const centred = metadata.model_from_pretrained_kwargs?.["center_writing_weights"] === true;
  switch (normalised) {
    case "none":
    case "expected_average_only_in":
      return centred ? "centred" : "raw";
    case "layer_norm":
      return "layer-norm";
    case "constant_norm_rescale":
      if (!centred) return "unit-length";
      break;
  }
  throw unsupported(name, `normalises its input by "${normalised}"`);
}

function aboutOf({ metadata, k }: Config): About {
  const hook = metadata.hook_name ?? null;
  return { layer: residualLayer(hook), hook, model: metadata.model_name ?? null, l0: k ?? null };
}

/** A configuration from before 6.0 in the names of today; one of today as it is. */
function renamed(config: unknown): unknown {
  if (typeof config !== "object" || config === null || "metadata" in config) return config;
  const old = config as Record<string, unknown>;
  const normalised = old["normalize_activations"];
  const kwargs = old["activation_fn_kwargs"] as { k?: unknown } | null | undefined;
  const largest = (old["activation_fn"] ?? old["activation_fn_str"]) === "topk";
  return {
    ...old,
    ...(largest && { architecture: "topk", k: kwargs?.k }),
    normalize_activations:
      typeof normalised === "boolean" ? (normalised ? "expected_average_only_in" : "none") : normalised,
    metadata: {
      hook_name: old["hook_name"] ?? old["hook_point"],
      model_name: old["model_name"],
      model_from_pretrained_kwargs: old["model_from_pretrained_kwargs"],
    },
  };
}
