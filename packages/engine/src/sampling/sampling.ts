import { ModxError } from "@modx/errors";

/** How the next token is chosen, by llama.cpp's samplers in llama-server's order: top-k, top-p, min-p, temperature, seed. */
export interface Sampling {
  /** 0 is greedy, whatever the others say. Defaults to 0. */
  temperature?: number;
  /** 0 keeps all. Defaults to 0. */
  topK?: number;
  /** In (0, 1]; 1 keeps all. Defaults to 1. */
  topP?: number;
  /** In [0, 1); 0 keeps all. Defaults to 0. */
  minP?: number;
  /** 32 bits unsigned. Defaults to 0; the same seed gives the same tokens. */
  seed?: number;
}

const MAX_SEED = 2 ** 32 - 1;

/** Throws MODX_USAGE_SAMPLING for a value that no sampler takes. */
export function checkSampling(sampling: Sampling): Required<Sampling> {
  const { temperature = 0, topK = 0, topP = 1, minP = 0, seed = 0 } = sampling;
  check(temperature >= 0 && temperature <= 100, "temperature", temperature, "a number from 0 to 100");
  check(Number.isInteger(topK) && topK >= 0 && topK < 2 ** 31, "top-k", topK, "a whole number, 0 for no limit");
  check(topP > 0 && topP <= 1, "top-p", topP, "a number above 0, at most 1");
  check(minP >= 0 && minP < 1, "min-p", minP, "a number from 0, below 1");
  check(Number.isInteger(seed) && seed >= 0 && seed <= MAX_SEED, "seed", seed, `a whole number from 0 to ${MAX_SEED}`);
  return { temperature, topK, topP, minP, seed };
}

function check(holds: boolean, name: string, value: number, wanted: string): void {
  if (!holds) throw new ModxError("MODX_USAGE_SAMPLING", { what: `${name} is ${value}.`, remedy: `Give ${wanted}.` });
}
