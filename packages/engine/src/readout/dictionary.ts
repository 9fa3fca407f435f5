import { ModxError } from "@modx/errors";
import type { NativeDictionary } from "../native/surface.ts";
import type { TapName } from "../taps/tap-name.ts";

/**
 * All features of a sparse dictionary at one tap: pre-activation = encoder . residual + bias. Which of them are active is found by a
 * screen in 8 bits and decided by the rows in half precision; only those are returned.
 */
export interface Dictionary {
  tap: TapName;
  /** [features, width] f32, raw residual scale. */
  encoder: Float32Array;
  /** [features]. */
  bias: Float32Array;
  active:
    | { rule: "threshold" /** [features]: active above it. */; thresholds: Float32Array }
    | { rule: "topk" /** The largest pre-activations of each token, those above 0. */; k: number };
}

/** Features that are active in some tokens, in ascending order within each. */
export interface ActiveFeatures {
  /** [tokens + 1]: where each token's features begin; the last is their number. */
  starts: Uint32Array;
  features: Uint32Array;
  /** Pre-activations, which exceed the threshold. */
  values: Float32Array;
}

/** Throws MODX_ENGINE_ARGUMENT when a dictionary does not fit the model or names a tap that the engine was not opened with. */
export function layOutDictionaries(
  dictionaries: readonly Dictionary[],
  taps: readonly TapName[],
  width: number,
): NativeDictionary[] {
  return dictionaries.map(({ tap, encoder, bias, active }) => {
    const count = bias.length;
    if (!taps.includes(tap)) throw refused(`It reads ${tap}, which the engine was not opened with.`);
    if (count === 0 || encoder.length !== count * width)
      throw refused(`It has ${encoder.length} weights for ${count} features of width ${width}.`);
    const thresholds = active.rule === "threshold" ? active.thresholds : new Float32Array();
    const topK = active.rule === "topk" ? active.k : 0;
    if (active.rule === "threshold" && thresholds.length !== count)
      throw refused(`It has ${thresholds.length} thresholds for ${count} features.`);
    if (active.rule === "topk" && !(Number.isInteger(topK) && topK >= 1 && topK <= count))
      throw refused(`k is ${topK} of ${count} features.`);
    for (const values of [encoder, bias, thresholds])
      if (!values.every(Number.isFinite)) throw refused("It holds a value that is not finite.");
    return { tap: taps.indexOf(tap), encoder, bias, thresholds, topK };
  });
}

/** The active features of some of a pass's tokens. */
export function featuresOf({ starts, features, values }: ActiveFeatures, from: number, count: number): ActiveFeatures {
  const [first = 0, last = 0] = [starts[from], starts[from + count]];
  return {
    starts: starts.slice(from, from + count + 1).map((start) => start - first),
    features: features.slice(first, last),
    values: values.slice(first, last),
  };
}

/** What was found in earlier passes, and behind it what the next one found. */
export function joinFeatures(earlier: ActiveFeatures, later: ActiveFeatures): ActiveFeatures {
  const offset = earlier.features.length;
  return {
    starts: Uint32Array.from([...earlier.starts, ...later.starts.subarray(1).map((start) => start + offset)]),
    features: Uint32Array.from([...earlier.features, ...later.features]),
    values: Float32Array.from([...earlier.values, ...later.values]),
  };
}

function refused(what: string): ModxError {
  return new ModxError("MODX_ENGINE_ARGUMENT", {
    what: `A dictionary cannot be bound. ${what}`,
    remedy: "Use one that was made for this model.",
  });
}
