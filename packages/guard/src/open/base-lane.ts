import type { Engine } from "@modx/engine";
import { ModxError } from "@modx/errors";
import { compareIdentities, type Pack } from "@modx/pack";
import { type RunningFiles, runningIdentity } from "./running-identity.ts";

/** The model that the watched one was made from: the same weights without adapters, or another file. */
export interface BaseLane {
  engine: Engine;
  files: RunningFiles;
}

/** The taps that the packs read in the base, each once. */
export function baseTapsOf(packs: readonly Pack[]): string[] {
  return [...new Set(packs.flatMap(({ baseReadouts }) => baseReadouts.map(({ tap }) => tap)))];
}

/**
 * Binds the rows that the packs read in the base. Returns, for each pack, how that base differs from the one it was made with, in words.
 * Throws MODX_PACK_BASE where there is none, or one that the rows do not fit.
 */
export async function bindBase(base: BaseLane | null, packs: readonly Pack[]): Promise<string[][]> {
  const readouts = packs.flatMap(({ baseReadouts }) => baseReadouts);
  if (readouts.length === 0) return packs.map(() => []);
  if (base === null) {
    const reading = packs.find(({ baseReadouts }) => baseReadouts.length > 0);
    throw new ModxError("MODX_PACK_BASE", {
      what: `The pack ${reading?.manifest.name} asks the model that this one was made from, which is not known.`,
      remedy: "Name it with --base, or build a pack without one: modx build --base none",
    });
  }
  const running = runningIdentity(base.engine, base.files);
  const differing = packs.map(({ manifest }) => {
    if (manifest.base === undefined) return [];
    const fit = compareIdentities(manifest.base.identity, running);
    if (fit.level === "incompatible") {
      throw new ModxError("MODX_PACK_BASE", {
        what: `The pack ${manifest.name} was made with another base: ${fit.reasons.join(", ")}.`,
        remedy: "Name the model that this one was made from with --base.",
      });
    }
    return fit.reasons.map((reason) => `base: ${reason}`);
  });
  await base.engine.bind(
    readouts.map((readout) => ({ ...readout, tap: readout.tap as `blocks.${number}.hook_resid_post` })),
  );
  return differing;
}

/** [rows of the base] f32: what it reads at the last token of a prompt. Throws the signal's reason when it aborts while it waits. */
export async function askBase({ engine }: BaseLane, prompt: Int32Array, signal?: AbortSignal): Promise<Float32Array> {
  const sequence = await engine.start({ maxTokens: prompt.length, prefix: prompt, ...(signal && { signal }) });
  try {
    const { readings } = await sequence.decode(prompt);
    return readings.slice(readings.length - engine.rowNames.length);
  } finally {
    sequence.close();
  }
}
