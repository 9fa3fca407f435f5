import type { Edit, Engine, TapName } from "@modx/engine";
import type { Sae } from "@modx/sae";
import { spliceEdits, zeroEdits } from "./splice-edits.ts";

/** Mean negative log likelihoods a token, in nats, and what they come to. */
export interface SpliceLoss {
  tokens: number;
  clean: number;
  spliced: number;
  /** With zero in place of the residual. */
  zero: number;
  /** (zero - spliced) / (zero - clean): 1 where splicing costs nothing. */
  recovered: number;
}

/**
 * What it costs the model to go on from an autoencoder's reconstruction instead of its residual, at every position but the first. `texts`
 * are token ids; `engine` was opened with `edits`. Null for an autoencoder that cannot be spliced by rows alone.
 */
export async function lossRecovered(
  engine: Engine,
  tap: TapName,
  sae: Sae,
  texts: readonly Int32Array[],
): Promise<SpliceLoss | null> {
  const splice = spliceEdits(tap, sae);
  if (splice === null) return null;
  const sums = { clean: 0, spliced: 0, zero: 0 };
  let tokens = 0;
  for (const text of texts) {
    sums.clean += await lossOf(engine, text, []);
    sums.spliced += await lossOf(engine, text, splice);
    sums.zero += await lossOf(engine, text, zeroEdits(tap, sae.width));
    tokens += text.length - FIRST;
  }
  const [clean, spliced, zero] = [sums.clean / tokens, sums.spliced / tokens, sums.zero / tokens];
  return { tokens, clean, spliced, zero, recovered: (zero - spliced) / (zero - clean) };
}

/** First token whose likelihood counts: the one before it is the first that is edited. */
const FIRST = 2;

async function lossOf(engine: Engine, text: Int32Array, edits: readonly Edit[]): Promise<number> {
  const sequence = await engine.start({ maxTokens: text.length, ...(edits.length > 0 && { edits: { edits } }) });
  try {
    const { logProbabilities = new Float32Array() } = await sequence.decode(text, { likelihoodFrom: FIRST });
    return -logProbabilities.reduce((sum, value) => sum + value, 0);
  } finally {
    sequence.close();
  }
}
