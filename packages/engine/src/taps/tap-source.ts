import { ModxError } from "@modx/errors";

/**
 * Architectures whose graph in llama.cpp v0.5.0 gives out the input of every block (`t_layer_inp` in `src/models/`).
 * Asking for it elsewhere aborts the process.
 */
const GIVES_LAYER_INPUTS = new Set([
  "bailingmoe3",
  "gemma4",
  "gpt-oss",
  "hunyuan_vl",
  "lfm2",
  "llama",
  "minimax-01",
  "minimax-m2",
  "muse-glimmer",
  "nanbeige",
  "nemotron_h",
  "qwen3",
  "qwen35",
  "qwen35moe",
  "qwen3moe",
  "qwen3next",
]);

/**
 * Architectures read as the graph node `l_out-L`: decoders that name it and add nothing to the residual after it, each compared with
 * PyTorch in `test/architectures`. Others are refused until somebody has compared them.
 */
export const NAMES_BLOCK_OUTPUT: ReadonlySet<string> = new Set([
  "gemma",
  "gemma2",
  "gemma3",
  "gpt2",
  "gptneox",
  "mistral3",
  "olmo",
  "olmo2",
  "phi2",
  "phi3",
  "qwen2",
  "smollm3",
  "stablelm",
  "starcoder2",
]);

/** Whether a tap is read as the graph's node (true) or as the next block's input. The last block has only the node. */
export function readAsGraphNode(architecture: string, layer: number, layers: number): boolean {
  if (GIVES_LAYER_INPUTS.has(architecture)) return layer === layers - 1;
  if (NAMES_BLOCK_OUTPUT.has(architecture)) return true;
  throw new ModxError("MODX_ENGINE_ARCHITECTURE", {
    what: `modx does not know where the residual stream of the architecture "${architecture}" is.`,
    remedy: "Run it without taps (no --pack), or use a model of a known architecture: see docs/engine.md.",
  });
}
