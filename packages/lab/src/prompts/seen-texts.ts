import { createHash } from "node:crypto";
import { normalised, type Prompt } from "./prompt-file.ts";
import { ofEach, type Traffic } from "./traffic.ts";

/**
 * What a pack keeps of a text that it has seen: the first 32 bits of a sha256, signed. Texts that differ in case, spacing and punctuation only
 * have the same. Among five thousand texts a new one is taken for a seen one once in a million times.
 */
function markOf(text: string): number {
  return createHash("sha256").update(normalised(text)).digest().readInt32BE(0);
}

/** Marks of texts, for `seen` of a pack. */
export function marksOf(texts: Iterable<string>): Int32Array {
  return Int32Array.from(new Set(Array.from(texts, markOf))).sort();
}

/** Prompts whose texts have none of the marks. */
export function unseen(prompts: Traffic, seen: Int32Array): Traffic {
  const marks = new Set(seen);
  const isNew = ({ text }: Prompt): boolean => !marks.has(markOf(text));
  return ofEach(prompts, (list) => list.filter(isNew));
}
