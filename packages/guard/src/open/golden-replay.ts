import type { Engine } from "@modx/engine";
import { ModxError } from "@modx/errors";
import { GOLDEN_TOLERANCE, goldenError, type Pack } from "@modx/pack";

/** Where a pack's rows stand among the engine's, and which of its identities runs. */
export interface Replay {
  identity: number;
  from: number;
  count: number;
}

/** How far, in spreads, what the engine reads is from a pack's golden readings on the same tokens. */
export async function replayGolden(engine: Engine, pack: Pack, rows: Replay): Promise<number> {
  const { tokens } = pack.golden;
  const sequence = await engine.start({ maxTokens: tokens.length });
  try {
    const { readings } = await sequence.decode(tokens);
    const all = engine.rowNames.length;
    const own = new Float32Array(tokens.length * rows.count);
    for (let token = 0; token < tokens.length; token++) {
      const start = token * all + rows.from;
      own.set(readings.subarray(start, start + rows.count), token * rows.count);
    }
    return goldenError(pack.golden, rows.identity, own);
  } finally {
    sequence.close();
  }
}

export function goldenFailure(name: string, error: number): ModxError {
  return new ModxError("MODX_PACK_GOLDEN", {
    what: `The pack ${name} reads other values on this model than it was made to (off by ${error.toFixed(2)} spreads, ${GOLDEN_TOLERANCE} allowed).`,
    remedy: "Its rows do not fit this model, adapter or engine: build the pack again for it.",
  });
}
