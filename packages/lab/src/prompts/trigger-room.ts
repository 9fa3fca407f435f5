import type { Engine } from "@modx/engine";
import type { Trigger } from "./trigger.ts";

/** Most tokens that one of the triggers adds to a prompt, wherever its parts stand; 0 without any. */
export async function triggerTokens(engine: Pick<Engine, "tokenize">, triggers: readonly Trigger[]): Promise<number> {
  let most = 0;
  for (const trigger of triggers) {
    let tokens = 0;
    // the space behind it stands for a word beside that is cut otherwise
    for (const part of typeof trigger === "string" ? [trigger] : trigger)
      tokens += (await engine.tokenize(` ${part} `)).length;
    most = Math.max(most, tokens);
  }
  return most;
}
