import { type Engine, type TapName, tapName } from "@modx/engine";
import { type ErrorCode, ModxError } from "@modx/errors";
import { recordedResiduals } from "@modx/lab";
import type { Residuals } from "@modx/sae";
import { PLAIN_REQUESTS } from "../commands/plain-requests.ts";
import type { ModelFlags } from "../options/model-options.ts";
import { describeModel } from "./open-for-recording.ts";
import { openModel } from "./open-model.ts";
import { checkWidth } from "./sae-width.ts";

const ANSWER_TOKENS = 48;
/** Of a recording; those of the model's answers are fewer. */
const MOST_POSITIONS = 2048;

export interface ResidualFlags extends ModelFlags {
  recording?: string;
}

/**
 * Residuals of a width at a tap: those of the recording that is named, else those of the model's own answers; or why there are none. What
 * is named and does not fit is an error, as are a recording and a model that are damaged.
 */
export async function findResiduals(
  flags: ResidualFlags,
  tap: TapName,
  width: number,
): Promise<{ texts: Residuals[] } | { none: string }> {
  if (flags.recording !== undefined)
    return { texts: recordedResiduals(flags.recording, { tap, width, most: MOST_POSITIONS }) };
  const named = flags.model !== undefined || flags.hfRepo !== undefined;
  try {
    const { engine } = await openModel(flags, { taps: [tap], sequences: 1 });
    try {
      if (named) checkWidth(width, engine.model);
      if (engine.model.width === width) return { texts: (await ownAnswers(engine))[0] ?? [] };
      return {
        none: `no model that it fits was named (-m, -hf) and no recording (--recording): the built-in model's width is ${engine.model.width}, and ${width} is wanted`,
      };
    } finally {
      await engine.close();
    }
  } catch (error) {
    if (named || !isAbsence(error)) throw error;
    return { none: `no model was named (-m, -hf) and no recording (--recording): ${error.what}` };
  }
}

/** The built-in model cannot be had here, or has no such block. */
const ABSENCES: readonly ErrorCode[] = ["MODX_HUB_OFFLINE", "MODX_HUB_NETWORK", "MODX_HUB_NO_PYTHON", "MODX_USAGE_TAP"];

function isAbsence(error: unknown): error is ModxError {
  return ModxError.isInstance(error) && ABSENCES.includes(error.code);
}

/** Residuals of a width, of the model's own answers behind several of its blocks; those that it has not are left out. Throws MODX_USAGE. */
export async function answersByLayer(
  flags: ModelFlags,
  layers: readonly number[],
  width: number,
): Promise<ReadonlyMap<number, readonly Residuals[]>> {
  const model = await describeModel(flags);
  checkWidth(width, model);
  const there = layers.filter((layer) => layer >= 0 && layer < model.layers);
  const { engine } = await openModel(flags, { taps: there.map(tapName), sequences: 1 });
  try {
    const texts = await ownAnswers(engine);
    return new Map(there.map((layer, tap) => [layer, texts[tap] ?? []]));
  } finally {
    await engine.close();
  }
}

/** Of each of the engine's taps, a text for each request. */
async function ownAnswers(engine: Engine): Promise<Residuals[][]> {
  const texts: Residuals[][] = engine.taps.map(() => []);
  for (const content of PLAIN_REQUESTS) {
    const { tokens } = await engine.prompt([{ role: "user", content }]);
    const sequence = await engine.start({ maxTokens: tokens.length + ANSWER_TOKENS });
    const parts: Float32Array[][] = engine.taps.map(() => []);
    let { next, residuals } = await sequence.decode(tokens, { sample: true, capture: true });
    for (let i = 0; ; i++) {
      for (const [tap, own] of parts.entries()) own.push(residuals?.[tap] ?? new Float32Array());
      if (next === null || engine.isEnd(next) || i === ANSWER_TOKENS) break;
      ({ next, residuals } = await sequence.decode(Int32Array.of(next), { sample: true, capture: true }));
    }
    sequence.close();
    for (const [tap, own] of parts.entries()) texts[tap]?.push({ values: joined(own), from: 0 });
  }
  return texts;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
