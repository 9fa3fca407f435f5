import type { TensorFile } from "@modx/tensors";
import { unsupported } from "./family.ts";

/**
 * What the authors of Llama Scope scale residuals by, so that they are as long as the square root of their width on average: the norm of
 * their data set lies with the weights. Throws MODX_TENSORS_MISSING, and MODX_SAE_UNSUPPORTED where it was never measured.
 */
export async function normFactor(file: TensorFile, name: string, hook: string, width: number): Promise<number> {
  const [norm = 0] = await file.rows(`dataset_average_activation_norm.${hook}`);
  if (!(norm > 0)) throw unsupported(name, `was saved before the norm of its data set was measured (${norm})`);
  return Math.sqrt(width) / norm;
}
