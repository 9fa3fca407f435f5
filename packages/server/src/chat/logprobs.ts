import type { Choice, Engine } from "@modx/engine";

interface TokenLogProb {
  token: string;
  logprob: number;
  bytes: number[];
}

/** OpenAI's form of a token and how likely it was. */
export interface ContentLogProb extends TokenLogProb {
  top_logprobs: TokenLogProb[];
}

/** What OpenAI gives where a probability is nothing: JSON has no infinity. */
const LEAST = -9999;

/** A token's log probability and its alternatives, as texts. */
export function contentLogProb(engine: Engine, token: number, choice: Choice): ContentLogProb {
  return {
    ...tokenLogProb(engine, token, choice.logProbability),
    top_logprobs: choice.alternatives.map((one) => tokenLogProb(engine, one.token, one.logProbability)),
  };
}

function tokenLogProb(engine: Engine, token: number, logProbability: number): TokenLogProb {
  const decoder = engine.text();
  const text = decoder.push(token) + decoder.flush();
  return {
    token: text,
    logprob: Number.isFinite(logProbability) ? logProbability : LEAST,
    bytes: [...new TextEncoder().encode(text)],
  };
}
