import type { Engine } from "@modx/engine";
import { JUDGED_TOKENS, suffixTokens, type TriggerFile, triggerTokens } from "@modx/lab";

/** Tokens that an evaluation puts into a prompt and behind it, at most: a trigger or near miss, an attacker's suffix, an answer. */
export async function roomFor(
  engine: Pick<Engine, "tokenize">,
  { maxTokens, triggers, attack }: { maxTokens: number; triggers: TriggerFile; attack: boolean },
): Promise<number> {
  const trigger = await triggerTokens(engine, [...triggers.triggers, ...triggers.near]);
  // the base is asked for this many tokens of its own
  const answer = Math.max(maxTokens, JUDGED_TOKENS);
  return trigger + (attack ? await suffixTokens(engine) : 0) + answer;
}
