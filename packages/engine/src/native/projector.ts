import { availableParallelism } from "node:os";
import type { Accelerator } from "./libraries.ts";
import { loadAddon } from "./load-addon.ts";
import { fromNative } from "./native-error.ts";

/**
 * Takes products of rows [n, width] with inputs [t, width], as [t, n], added up in f32, on threads of their own and without a model. Throws
 * what loading the addon throws; rejects with MODX_ENGINE_ARGUMENT where rows or inputs are not whole vectors of the width.
 */
export function nativeProjector({
  threads = availableParallelism(),
  accelerator,
}: {
  threads?: number | undefined;
  accelerator?: Accelerator | undefined;
} = {}): (rows: Float32Array, width: number, inputs: Float32Array) => Promise<Float32Array> {
  const addon = loadAddon(accelerator);
  return async (rows, width, inputs) => {
    try {
      return await addon.project(rows, width, inputs, threads);
    } catch (error) {
      throw fromNative(error);
    }
  };
}
