import type { ModelFacts } from "./model-facts.ts";

/** Architectures with a learned vector for each position (`pos_embd` in llama.cpp v0.5.0, optional in mpt): it aborts behind the last. */
const LEARNED_POSITIONS: ReadonlySet<string> = new Set(["gpt2", "mpt", "starcoder"]);

/** Tokens that a context of so many can hold: no more than the model has positions for. */
export function contextOf(
  { architecture, trainedContext }: Pick<ModelFacts, "architecture" | "trainedContext">,
  tokens: number,
): number {
  return LEARNED_POSITIONS.has(architecture) && trainedContext > 0 ? Math.min(tokens, trainedContext) : tokens;
}
