import type { TensorFile } from "@modx/tensors";
import { z } from "zod";
import { checkShape } from "../form/check-shape.ts";
import { type ActiveLayout, type Layout, PLAIN } from "../form/layout.ts";
import { type About, parseConfig, residualHook, residualLayer, type SaeFamily, unsupported } from "./family.ts";

const schema = z.object({
  trainer: z.object({
    dict_class: z.string(),
    activation_dim: z.int().positive(),
    dict_size: z.int().positive(),
    k: z.number().nullish(),
    layer: z.number().nullish(),
    /** Where it reads, for example `resid_post_layer_7`; older ones, which read the residual stream, do not say. */
    submodule_name: z.string().nullish(),
    lm_name: z.string().nullish(),
  }),
  /** Whether what it was trained on is what the block is given, or what it gives; older ones, which read what it gives, do not say. */
  buffer: z.object({ io: z.string().nullish() }).nullish(),
});
type Config = z.infer<typeof schema>;
type Trainer = Config["trainer"];

const [CONFIG, WEIGHTS] = ["config.json", "ae.pt"];

/** dictionary_learning (saprmarks). */
export const dictionaryLearning: SaeFamily = {
  name: "dictionary-learning",
  verified: "author-library",
  recognises: async ({ files }) => files.includes(CONFIG) && files.includes(WEIGHTS),
  open: async (folder) => {
    const config = parseConfig(schema, await folder.json(CONFIG), folder.name);
    const { trainer } = config;
    const place = placeOf(folder.name, config);
    const file = await folder.tensors(WEIGHTS);
    const { lm_name: model = null, k = null } = trainer;
    return {
      file,
      layout: await layoutOf(folder.name, trainer, file),
      about: { ...place, model, l0: k },
    };
  },
};

/** Throws MODX_SAE_UNSUPPORTED for a transcoder, and for one of which two places are said. */
function placeOf(name: string, { trainer, buffer }: Config): Pick<About, "layer" | "hook"> {
  const { submodule_name: place } = trainer;
  const io = buffer?.io ?? "out";
  if (io === "in_and_out") throw unsupported(name, "is a transcoder");
  const [, said, number] = /resid(?:_(pre|mid|post))?(?:_layer_(\d+))?/.exec(place ?? "resid") ?? [];
  if (place != null && (!place.includes("resid") || said === "mid")) return { layer: null, hook: place };
  if (io !== "in" && io !== "out") throw unsupported(name, `reads "${io}" of its block`);
  if (io === "in" && said === "post") throw unsupported(name, `says both ${place} and what its block is given`);
  const layer = trainer.layer ?? (number === undefined ? null : Number(number));
  if (layer === null) return { layer: null, hook: null };
  const hook = io === "in" || said === "pre" ? `blocks.${layer}.hook_resid_pre` : residualHook(layer);
  return { layer: residualLayer(hook), hook };
}

async function layoutOf(name: string, trainer: Trainer, file: TensorFile): Promise<Layout> {
  const shared = { ...PLAIN, width: trainer.activation_dim, features: trainer.dict_size };
  // like torch's own layers: encoder by features, decoder by dimensions
  const layers = {
    ...shared,
    encoder: { tensor: "encoder.weight", features: "rows" },
    encoderBias: "encoder.bias",
    decoder: { tensor: "decoder.weight", features: "columns" },
    decoderBias: "b_dec",
    subtractsDecoderBias: true,
  } as const;
  // like plain matrices: the other way round
  const parameters = {
    ...shared,
    encoder: { tensor: "W_enc", features: "columns" },
    encoderBias: "b_enc",
    decoder: { tensor: "W_dec", features: "rows" },
    decoderBias: "b_dec",
  } as const;
  switch (trainer.dict_class) {
    // the library brings decoder rows to unit length when it loads one
    case "AutoEncoder":
      return { ...layers, decoderBias: "bias", unitDecoder: true, active: { rule: "threshold", value: 0, scale: 1 } };
    case "AutoEncoderNew":
      return {
        ...layers,
        decoderBias: "decoder.bias",
        subtractsDecoderBias: false,
        active: { rule: "threshold", value: 0, scale: 1 },
      };
    case "AutoEncoderTopK":
      return { ...layers, active: await largest(name, trainer, file) };
    // by batch in training; answers one token at a time by the threshold that it ended with
    case "BatchTopKSAE":
      return { ...layers, active: { rule: "threshold", value: await numberOf(file, "threshold"), scale: 1 } };
    case "MatryoshkaBatchTopKSAE":
      return {
        ...parameters,
        subtractsDecoderBias: true,
        active: { rule: "threshold", value: await numberOf(file, "threshold"), scale: 1 },
      };
    case "GatedAutoEncoder":
      return {
        ...layers,
        encoderBias: null,
        decoderBias: "decoder_bias",
        active: { rule: "gated", gateBias: "gate_bias", magnitudeBias: "mag_bias", logScale: "r_mag" },
      };
    case "JumpReluAutoEncoder":
      return { ...parameters, active: { rule: "thresholds", tensor: "threshold", logarithm: false, scale: 1 } };
    default:
      throw unsupported(name, `is a ${trainer.dict_class}`);
  }
}

async function largest(name: string, { k }: Trainer, file: TensorFile): Promise<ActiveLayout> {
  const own = k ?? (file.has("k") || file.scalars.has("k") ? await numberOf(file, "k") : Number.NaN);
  if (Number.isInteger(own) && own > 0) return { rule: "topk", k: own };
  throw unsupported(name, "keeps the k largest, and does not say how many");
}

/** A number that is a tensor of one, or no tensor at all. Throws MODX_SAE_SHAPE. */
async function numberOf(file: TensorFile, name: string): Promise<number> {
  const scalar = file.scalars.get(name);
  if (scalar !== undefined) return scalar;
  if (file.shape(name).length > 0) checkShape(file, name, [1]);
  const [value = Number.NaN] = await file.rows(name);
  return value;
}
