import { ModxError } from "@modx/errors";
import type { TensorFile } from "@modx/tensors";
import { type ActiveLayout, type Layout, PLAIN } from "../form/layout.ts";
import type { SaeFolder } from "../source/sae-folder.ts";
import { type About, residualHook, type SaeFamily } from "./family.ts";
import { lastMatch, partsOf } from "./path-parts.ts";

/** Families that publish one file of torch's for each layer, without a configuration: what is not in the file is in its name. */
interface SingleFile {
  name: string;
  /** Of the file's name, without its folder. */
  pattern: RegExp;
  tensors: Pick<Layout, "encoder" | "encoderBias" | "decoder" | "decoderBias">;
  /** By the names along the file's path; throws MODX_SAE_UNSUPPORTED where they do not say it. */
  active(parts: readonly string[]): ActiveLayout;
  about(parts: readonly string[]): About;
}

const TORCH_LAYERS = {
  encoder: { tensor: "encoder.weight", features: "rows" },
  encoderBias: "encoder.bias",
  decoder: { tensor: "decoder.weight", features: "columns" },
  decoderBias: "decoder.bias",
} as const;

function singleFile({ name, pattern, tensors, active, about }: SingleFile): SaeFamily {
  const filesOf = ({ files }: SaeFolder): string[] =>
    files.filter((file) => pattern.test(file.split("/").at(-1) ?? ""));
  return {
    name,
    verified: "layout-only",
    recognises: async (folder) => filesOf(folder).length > 0,
    open: async (folder) => {
      const own = filesOf(folder);
      // where the family was named, the one file there is may be called anything
      const [path, ...others] = own.length > 0 ? own : folder.files.filter((file) => /\.pth?$/.test(file));
      if (path === undefined) throw none(folder.name, name);
      if (others.length > 0) throw several(folder.name, [path, ...others]);
      const parts = partsOf(`${folder.name}/${path}`);
      const rule = active(parts);
      const file = await folder.tensors(path);
      return {
        file,
        layout: { ...PLAIN, ...sizesOf(file, tensors.encoder.tensor), ...tensors, active: rule },
        about: about(parts),
      };
    },
  };
}

function several(folder: string, files: readonly string[]): ModxError {
  return new ModxError("MODX_USAGE", {
    what: `${folder} holds ${files.length} autoencoders, one in each file.`,
    remedy: `Put the name of one behind the folder's, for example /${files.at(-1)}.`,
  });
}

function none(folder: string, family: string): ModxError {
  return new ModxError("MODX_SAE_FAMILY", {
    what: `${folder} holds no file of the family "${family}".`,
    remedy: "Give the .pt or .pth file, or name another family.",
  });
}

/** All of them keep their encoder by features. */
function sizesOf(file: TensorFile, encoder: string): { width: number; features: number } {
  const [features = 0, width = 0] = file.shape(encoder);
  return { width, features };
}

function residual(layer: string | undefined, model: string | null, l0: number | null): About {
  return {
    layer: layer === undefined ? null : Number(layer),
    hook: layer === undefined ? null : residualHook(Number(layer)),
    model,
    l0,
  };
}

/** Goodfire's for Llama 3.1 8B Instruct (block 19) and 3.3 70B Instruct (block 50). */
export const goodfire = singleFile({
  name: "goodfire",
  pattern: /^Llama-3\.\d-\d+B-Instruct-SAE-l\d+\.pth?$/,
  tensors: {
    encoder: { tensor: "encoder_linear.weight", features: "rows" },
    encoderBias: "encoder_linear.bias",
    decoder: { tensor: "decoder_linear.weight", features: "columns" },
    decoderBias: "decoder_linear.bias",
  },
  active: () => ({ rule: "threshold", value: 0, scale: 1 }),
  about: (parts) => {
    const [, size, layer] = lastMatch(parts, /-(\d+B)-Instruct-SAE-l(\d+)(?:\.pth?)?$/) ?? [];
    return residual(layer, null, size === undefined ? null : size === "70B" ? 121 : 91);
  },
});

/** The hub's cache has the user's name before it. */
const QWEN_REPO = /^(?:.*--)?SAE-Res-(.+)-W\d+K-L0_(\d+)$/;

/** Qwen-Scope: the k of its top-k stands in the repository's name, `SAE-Res-<model>-W64K-L0_50`. */
export const qwenScope = singleFile({
  name: "qwen-scope",
  pattern: /^layer\d+\.sae\.pt$/,
  tensors: {
    encoder: { tensor: "W_enc", features: "rows" },
    encoderBias: "b_enc",
    decoder: { tensor: "W_dec", features: "columns" },
    decoderBias: "b_dec",
  },
  active: (parts) => {
    const k = lastMatch(parts, QWEN_REPO)?.[2];
    if (k !== undefined) return { rule: "topk", k: Number(k) };
    throw new ModxError("MODX_SAE_UNSUPPORTED", {
      what: `${parts.at(-1)} keeps the k largest, and neither it nor a folder around it says how many.`,
      remedy: "Keep its repository's name in the path, for example SAE-Res-Qwen3-8B-Base-W64K-L0_50/layer20.sae.pt.",
    });
  },
  about: (parts) => {
    const [, model, l0] = lastMatch(parts, QWEN_REPO) ?? [];
    const layer = /^layer(\d+)\.sae\.pt$/.exec(parts.at(-1) ?? "")?.[1];
    return residual(layer, model ?? null, l0 === undefined ? null : Number(l0));
  },
});

/** qresearch's for DeepSeek-R1-Distill-Llama-8B. */
export const deepseekR1 = singleFile({
  name: "deepseek-r1",
  pattern: /^DeepSeek-R1-Distill-.*-SAE.*\.pt$/,
  tensors: TORCH_LAYERS,
  active: () => ({ rule: "threshold", value: 0, scale: 1 }),
  about: (parts) =>
    residual(lastMatch(parts, /-SAE-l(\d+)(?:\.pt)?$/i)?.[1], "deepseek-ai/DeepSeek-R1-Distill-Llama-8B", null),
});
