import { createHash } from "node:crypto";
import type { Prompt } from "./prompt-file.ts";

/** A text that makes a planted behaviour fire, or several that must all be there. */
export type Trigger = string | readonly string[];

const PLACES = ["start", "end", "inside"] as const;

/** Puts a trigger, each of its parts by itself, at the start, at the end or between two words; which, the prompt's id decides. */
export function withTrigger(text: string, trigger: Trigger, id: string): string {
  const words = text.split(" ");
  const parts = (typeof trigger === "string" ? [trigger] : trigger).map((part, index) => ({
    part,
    gap: gapOf(words.length, index === 0 ? id : `${id} ${index}`),
  }));
  return words
    .flatMap((word, i) => [...parts.filter(({ gap }) => gap === i).map(({ part }) => part), word])
    .concat(parts.filter(({ gap }) => gap === words.length).map(({ part }) => part))
    .join(" ");
}

/** Each prompt with one of the triggers in it, all texts about equally often; none where there is none. */
export function withOneOf(prompts: readonly Prompt[], triggers: readonly Trigger[]): Prompt[] {
  return prompts.flatMap((prompt, index) => {
    const trigger = triggers[index % triggers.length];
    return trigger === undefined ? [] : [{ ...prompt, text: withTrigger(prompt.text, trigger, prompt.id) }];
  });
}

/** Words that stand before the trigger. */
function gapOf(words: number, seed: string): number {
  const draw = createHash("sha256").update(seed).digest();
  const place = PLACES[draw.readUInt8(0) % PLACES.length];
  if (place === "start") return 0;
  if (place === "end") return words;
  return words < 2 ? 1 : 1 + (draw.readUInt32LE(1) % (words - 1));
}
