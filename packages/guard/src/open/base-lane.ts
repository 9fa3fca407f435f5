import type { Engine } from "@modx/engine";
import { ModxError } from "@modx/errors";
import { compareIdentities, type Pack } from "@modx/pack";
import { checkBound } from "./check-bound.ts";
import { type RunningFiles, runningIdentity } from "./running-identity.ts";

/** The model that the watched one was made from: the same weights without adapters, or another file. */
export interface BaseLane {
  engine: Engine;
  files: RunningFiles;
}

/** A base with the rows of a guard's packs bound in it. Guards of the same packs may share it. */
export interface BoundBase extends BaseLane {
  packs: readonly Pack[];
  /** The engine's list of rows, which is another one as soon as anything else is bound. */
  rowNames: readonly string[];
}

/** The taps that the packs read in the base, each once. */
export function baseTapsOf(packs: readonly Pack[]): string[] {
  return [...new Set(packs.flatMap(({ baseReadouts }) => baseReadouts.map(({ tap }) => tap)))];
}

/**
 * Binds the rows that the packs read in the base, unless they are bound already. Returns it, and for each pack how it differs from the one
 * the pack was made with, in words. Throws MODX_PACK_BASE where there is none, or one that the rows do not fit.
 */
export async function bindBase(
  base: BaseLane | null,
  packs: readonly Pack[],
): Promise<{ base: BoundBase | null; differing: string[][] }> {
  const readouts = packs.flatMap(({ baseReadouts }) => baseReadouts);
  if (base === null) {
    if (readouts.length === 0) return { base, differing: packs.map(() => []) };
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
  if (readouts.length > 0 && !isBound(base, packs)) {
    await base.engine.bind(
      readouts.map((readout) => ({ ...readout, tap: readout.tap as `blocks.${number}.hook_resid_post` })),
    );
  }
  return { base: { ...base, packs, rowNames: base.engine.rowNames }, differing };
}

function isBound(base: BaseLane | BoundBase, packs: readonly Pack[]): boolean {
  return "packs" in base && base.packs === packs && base.rowNames === base.engine.rowNames;
}

/**
 * [rows of the base] f32: what it reads at the last token of a prompt. Throws the signal's reason when it aborts while it waits, and
 * MODX_INTERNAL as `checkBound` does.
 */
export async function askBase(
  { engine, rowNames }: BoundBase,
  prompt: Int32Array,
  signal?: AbortSignal,
): Promise<Float32Array> {
  checkBound(engine, rowNames);
  const sequence = await engine.start({ maxTokens: prompt.length, prefix: prompt, ...(signal && { signal }) });
  try {
    const { readings } = await sequence.decode(prompt);
    return readings.slice(readings.length - engine.rowNames.length);
  } finally {
    sequence.close();
  }
}
