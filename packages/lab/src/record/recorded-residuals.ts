import { ModxError } from "@modx/errors";
import type { Residuals } from "@modx/sae";
import { readHeader, readRecording } from "./recording.ts";

export interface RecordedResidualsOptions {
  tap: string;
  width: number;
  /** Positions that are enough. */
  most: number;
}

/**
 * What a recording keeps of responses at one tap, one response to each prompt, until there are enough. Throws MODX_LAB_RECORDING,
 * MODX_USAGE_TAP where it was made at other taps, MODX_USAGE where its model has another width.
 */
export function recordedResiduals(folder: string, { tap, width, most }: RecordedResidualsOptions): Residuals[] {
  const header = readHeader(folder);
  const which = header.taps.indexOf(tap);
  if (header.width !== width)
    throw new ModxError("MODX_USAGE", {
      what: `The autoencoder is for a residual stream of width ${width}, the recording's is ${header.width}.`,
      remedy: "Give a recording of the model that it was trained on.",
    });
  if (which < 0)
    throw new ModxError("MODX_USAGE_TAP", {
      what: `The autoencoder reads ${tap}; ${folder} was recorded at ${header.taps.join(", ")}.`,
      remedy: `Record that tap: modx lab record --taps ${tap}; where the autoencoder's files say it wrongly, give its block with --layer.`,
    });
  const texts: Residuals[] = [];
  const prompts = new Set<string>();
  let positions = 0;
  for (const { prompt, promptTokens, kept, response } of readRecording(folder)) {
    if (kept === 0 || prompts.has(prompt.text)) continue;
    prompts.add(prompt.text);
    texts.push({ values: atTap(response, header.taps.length, which, width), from: promptTokens.length });
    positions += kept;
    if (positions >= most) break;
  }
  return texts;
}

/** [positions, width] of [positions, taps, width]. */
function atTap(response: Float32Array, taps: number, which: number, width: number): Float32Array {
  const count = response.length / (taps * width);
  const own = new Float32Array(count * width);
  for (let position = 0; position < count; position++) {
    const from = (position * taps + which) * width;
    own.set(response.subarray(from, from + width), position * width);
  }
  return own;
}
