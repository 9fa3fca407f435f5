import { ModxError } from "@modx/errors";
import type { TensorFile } from "@modx/tensors";

/** Throws MODX_SAE_SHAPE. */
export function checkShape(file: TensorFile, name: string, expected: readonly number[]): void {
  const shape = file.shape(name);
  if (shape.join() === expected.join()) return;
  throw new ModxError("MODX_SAE_SHAPE", {
    what: `The tensor "${name}" has the shape [${shape.join(", ")}], where its configuration says [${expected.join(", ")}].`,
    remedy: "Check that configuration and weights belong together, and that the family is the right one.",
  });
}
