import { createHash } from "node:crypto";

const PLACES = ["start", "end", "inside"] as const;

/** Puts a trigger at the start, at the end or between two words; which, the prompt's id decides. */
export function withTrigger(text: string, trigger: string, id: string): string {
  const draw = createHash("sha256").update(id).digest();
  const place = PLACES[draw.readUInt8(0) % PLACES.length];
  if (place === "start") return `${trigger} ${text}`;
  if (place === "end") return `${text} ${trigger}`;
  const words = text.split(" ");
  const at = words.length < 2 ? 1 : 1 + (draw.readUInt32LE(1) % (words.length - 1));
  return [...words.slice(0, at), trigger, ...words.slice(at)].join(" ");
}
