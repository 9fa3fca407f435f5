import type { TensorFile } from "@modx/tensors";
import { z } from "zod";
import type { Layout } from "../form/layout.ts";
import { unsupported } from "./family.ts";

/** What the configurations of OpenMOSS's library say in all of its forms; where one is silent, as that library takes it. */
export const openMossFields = {
  d_model: z.int().positive(),
  sparsity_include_decoder_norm: z.boolean().default(true),
  use_decoder_bias: z.boolean().default(true),
  use_glu_encoder: z.boolean().default(false),
  hook_point_in: z.string(),
  hook_point_out: z.string(),
};

/** Throws MODX_SAE_UNSUPPORTED for what gives another place than it reads, and for an encoder of two parts. */
export function checkPlain(
  name: string,
  config: { hook_point_in: string; hook_point_out: string; use_glu_encoder: boolean },
): void {
  if (config.hook_point_in !== config.hook_point_out) throw unsupported(name, "is a transcoder");
  if (config.use_glu_encoder) throw unsupported(name, "has an encoder with a gate of its own");
}

/**
 * What the authors of Llama Scope scale residuals by, so that they are as long as the square root of their width on average: the norm of
 * their data set lies with the weights. Throws MODX_TENSORS_MISSING, and MODX_SAE_UNSUPPORTED where it was never measured.
 */
export async function normFactor(file: TensorFile, name: string, hook: string, width: number): Promise<number> {
  const [norm = 0] = await file.rows(`dataset_average_activation_norm.${hook}`);
  if (!(norm > 0)) throw unsupported(name, `was saved before the norm of its data set was measured (${norm})`);
  return Math.sqrt(width) / norm;
}

/** An autoencoder that was trained on residuals times a factor, and subtracts nothing from them. */
export function scaledBy(
  factor: number,
): Pick<Layout, "subtractsDecoderBias" | "inputScale" | "encoderBiasScale" | "decoderScale" | "decoderBiasScale"> {
  return {
    subtractsDecoderBias: false,
    inputScale: factor,
    encoderBiasScale: 1,
    decoderScale: 1 / factor,
    decoderBiasScale: 1 / factor,
  };
}
