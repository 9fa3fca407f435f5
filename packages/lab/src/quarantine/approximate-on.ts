import type { Engine } from "@modx/engine";
import { type Approximation, approximateThreshold, foldWhole, type OpenedSae, type Projector } from "@modx/sae";

/**
 * A threshold that stands for keeping the largest of all features, measured on conversations of the model. `engine` was opened with the one
 * tap that the autoencoder reads.
 */
export async function approximateOn(
  engine: Engine,
  { file, layout }: OpenedSae,
  conversations: readonly Int32Array[],
  project?: Projector,
): Promise<Approximation | null> {
  const texts = [];
  for (const tokens of conversations) {
    const sequence = await engine.start({ maxTokens: tokens.length });
    try {
      const { residuals } = await sequence.decode(tokens, { capture: true });
      texts.push({ values: Float32Array.from(residuals?.[0] ?? []), from: 0 });
    } finally {
      sequence.close();
    }
  }
  return approximateThreshold(await foldWhole(file, layout), texts, project);
}
