import type { Choice } from "../engine.ts";
import type { NativeDecoded } from "../native/surface.ts";

/** What the addon puts in a sampled token's place: there was no sampler, or it allowed nothing. */
const NOT_SAMPLED = -1;
const SAMPLER_FAILED = -2;

/** One output of a pass: the token that was chosen there, and what else was likely. */
export interface Sampled {
  next: number | null;
  failed: boolean;
  choice: Choice | null;
}

/** The outputs of a pass. `alternatives` says, for each, how many likely tokens its sampler told of; null for none. */
export function sampledOf(decoded: NativeDecoded, alternatives: readonly (number | null)[]): Sampled[] {
  let at = 0;
  return alternatives.map((count, output) => {
    const token = decoded.sampled[output] ?? NOT_SAMPLED;
    let choice: Choice | null = null;
    if (count !== null) {
      choice = choiceAt(decoded, at, count);
      at += 1 + count;
    }
    return { next: token < 0 ? null : token, failed: token === SAMPLER_FAILED, choice };
  });
}

function choiceAt({ likely, likelihoods }: NativeDecoded, at: number, count: number): Choice {
  return {
    logProbability: likelihoods?.[at] ?? Number.NaN,
    alternatives: Array.from({ length: count }, (_, i) => ({
      token: likely?.[at + 1 + i] ?? NOT_SAMPLED,
      logProbability: likelihoods?.[at + 1 + i] ?? Number.NaN,
    })),
  };
}
