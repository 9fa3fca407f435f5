import { bytesInMemory, openSafetensors, type Tensor, writeSafetensors } from "@modx/tensors";
import type { SaeFolder } from "../source/sae-folder.ts";

/** A folder whose files are in memory: configurations as objects, weights as tensors. */
export function memoryFolder(
  name: string,
  configs: Record<string, unknown>,
  weights: Record<string, ReadonlyMap<string, Tensor>>,
): SaeFolder {
  return {
    name,
    files: [...Object.keys(configs), ...Object.keys(weights)],
    json: async (path) => configs[path],
    tensors: (path) => openSafetensors(bytesInMemory(path, writeSafetensors(weights[path] ?? new Map()))),
  };
}
