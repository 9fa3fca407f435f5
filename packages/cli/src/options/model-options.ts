import { ACCELERATORS, type Accelerator } from "@modx/engine";
import { decimal, type OptionSpec, repeated, wholeNumber } from "./option.ts";

/** Flags that say what runs; llama-server's spelling. */
export interface ModelFlags {
  model?: string;
  hfRepo?: string;
  lora?: string[];
  loraScaled?: string[];
  ctxSize?: number;
  threads?: number;
  accelerator?: Accelerator;
  gpuLayers?: number;
  parallel?: number;
  chatTemplateFile?: string;
  offline?: boolean;
}

export const THREADS: OptionSpec = {
  flags: "-t, --threads <n>",
  description: "threads (default: all processors)",
  env: "LLAMA_ARG_THREADS",
  parse: wholeNumber("the number of threads", 1, 512),
};

export const MODEL_OPTIONS: readonly OptionSpec[] = [
  {
    flags: "-m, --model <file|name>",
    description: "GGUF file, hf:USER/REPO[:QUANT], or a name of `modx model list`; default: the built-in organism",
    env: "LLAMA_ARG_MODEL",
  },
  {
    flags: "--hf-repo <user/repo[:quant]>",
    description: "-hf: model from the Hugging Face hub",
    env: "LLAMA_ARG_HF_REPO",
  },
  {
    flags: "--lora <file>",
    description: "LoRA adapter in GGUF form; may be repeated; `none` for no adapter",
    parse: repeated,
  },
  { flags: "--lora-scaled <file:scale>", description: "LoRA adapter with a factor; may be repeated", parse: repeated },
  {
    flags: "-c, --ctx-size <n>",
    description: "most tokens of one conversation (default 4096)",
    env: "LLAMA_ARG_CTX_SIZE",
    parse: wholeNumber("the context size", 16, 2 ** 24),
  },
  THREADS,
  {
    flags: "--accelerator <name>",
    description: "what computes (default: auto, the best that is installed)",
    env: "MODX_ACCELERATOR",
    choices: ACCELERATORS,
  },
  {
    flags: "--gpu-layers <n>",
    description: "-ngl: layers on the accelerator (default: all where there is one)",
    env: "LLAMA_ARG_N_GPU_LAYERS",
    parse: wholeNumber("the number of layers"),
  },
  {
    flags: "--parallel <n>",
    description: "-np: conversations at a time",
    env: "LLAMA_ARG_N_PARALLEL",
    parse: wholeNumber("the number of conversations", 1, 256),
  },
  {
    flags: "--chat-template-file <file>",
    description: "Jinja chat template instead of the model's own",
    env: "LLAMA_ARG_CHAT_TEMPLATE_FILE",
  },
  { flags: "--offline", description: "use only what is cached", env: "LLAMA_ARG_OFFLINE" },
];

/** Flags that say how it is watched. */
export interface GuardFlags {
  pack?: string[];
  trust?: string[];
  base?: string;
  policy?: string;
  hold?: number | "all";
  allowUncalibrated?: boolean;
}

export const TRUST_OPTION: OptionSpec = {
  flags: "--trust <file>",
  description: "public key that packs must be signed with; may be repeated (default: they need no signature)",
  env: "MODX_TRUST",
  parse: repeated,
};

export const BASE_OPTION: OptionSpec = {
  flags: "--base <file|name>",
  description:
    "the model that this one was made from, which packs may ask; `none` for none known (default: the same without its adapters)",
};

export const GUARD_OPTIONS: readonly OptionSpec[] = [
  {
    flags: "--pack <dir>",
    description:
      "pack to watch with; may be repeated; `none` watches nothing; default: the built-in pack for the built-in model",
    env: "MODX_PACK",
    parse: repeated,
  },
  TRUST_OPTION,
  BASE_OPTION,
  {
    flags: "--policy <action>",
    description: "what an alarm does: log, alert or halt (default: halt where the pack is calibrated, else alert)",
    env: "MODX_POLICY",
  },
  {
    flags: "--hold <n|all>",
    description: "tokens that wait for their successors' verdicts (default 1)",
    env: "MODX_HOLD",
    parse: (text) => (text === "all" ? text : wholeNumber("the hold-back", 1)(text)),
  },
  { flags: "--allow-uncalibrated", description: "halt even on thresholds that were calibrated for something else" },
];

export interface SamplingFlags {
  predict?: number;
  temp?: number;
  topK?: number;
  topP?: number;
  minP?: number;
  seed?: number;
}

export const SAMPLING_OPTIONS: readonly OptionSpec[] = [
  {
    flags: "-n, --predict <n>",
    description: "most response tokens (default: as many as the pack is calibrated for, else 256)",
    env: "LLAMA_ARG_N_PREDICT",
    parse: wholeNumber("the number of tokens", 1, 2 ** 20),
  },
  { flags: "--temp <x>", description: "temperature, 0 is greedy (default 0)", parse: decimal("the temperature") },
  {
    flags: "--top-k <n>",
    description: "keep the n likeliest tokens, 0 keeps all (default 0)",
    env: "LLAMA_ARG_TOP_K",
    parse: wholeNumber("top-k"),
  },
  { flags: "--top-p <x>", description: "keep the likeliest tokens of this mass (default 1)", parse: decimal("top-p") },
  {
    flags: "--min-p <x>",
    description: "drop tokens below this share of the likeliest (default 0)",
    parse: decimal("min-p"),
  },
  {
    flags: "-s, --seed <n>",
    description: "seed of the sampler (default 0)",
    parse: wholeNumber("the seed", 0, 2 ** 32 - 1),
  },
];
