import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { ModxError } from "@modx/errors";
import { z } from "zod";
import { jsonLines, type Unusable } from "../files/json-file.ts";

export const LABELS = ["harmful", "benign", "sensitive"] as const;
export type PromptLabel = (typeof LABELS)[number];

/** One line of a prompt file. `sensitive` is benign but easily mistaken for harmful. */
export interface Prompt {
  id: string;
  text: string;
  label: PromptLabel | null;
  source: string;
}

const FORM = 'Each line is a JSON object {"id","text","label","source"}; only "text" is required.';

const lineSchema = z.object({
  id: z.union([z.string(), z.number()]).transform(String).optional(),
  text: z.string().min(1),
  label: z.enum(LABELS).optional(),
  source: z.string().optional(),
});

/** Reads a JSON Lines file (gzipped when it ends in .gz). Throws MODX_USAGE_FILE_MISSING or MODX_USAGE_PROMPTS with the line. */
export function readPromptFile(path: string): Prompt[] {
  const name = path.replace(/^.*\//, "").replace(/\.jsonl(\.gz)?$/, "");
  const unusable: Unusable = (why, cause) => unreadable(path, why, cause);
  const prompts = Array.from(jsonLines(readText(path), lineSchema, unusable), ({ line, value }): Prompt => {
    const { id = `${name}-${line}`, text, label = null, source = name } = value;
    return { id, text, label, source };
  });
  if (prompts.length === 0) throw unreadable(path, "it holds no prompts");
  return prompts;
}

/** Prompts of several files with an id each: one that stood already gets a number behind it. */
export function withUniqueIds(prompts: readonly Prompt[]): Prompt[] {
  const taken = new Set<string>();
  return prompts.map((prompt) => {
    let id = prompt.id;
    for (let count = 2; taken.has(id); count++) id = `${prompt.id}#${count}`;
    taken.add(id);
    return id === prompt.id ? prompt : { ...prompt, id };
  });
}

/** Each text once: the first of those that differ only in case, spacing and punctuation. */
export function withoutRepeats(prompts: readonly Prompt[], seen: Set<string> = new Set()): Prompt[] {
  return prompts.filter((prompt) => {
    const key = normalised(prompt.text);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/**
 * A text as it is compared: in small letters, letters, marks and digits alone, however it was composed. One that has none of these, as of
 * emoji only, is compared as it stands.
 */
export function normalised(text: string): string {
  const small = text.normalize("NFC").toLowerCase();
  // \p{Mn} has the selectors behind emoji too, which mean nothing by themselves
  const words = tidy(small.replace(/[^\p{L}\p{Mn}\p{Mc}\p{N} ]+|\p{Variation_Selector}/gu, ""));
  return /[\p{L}\p{N}]/u.test(words) ? words : tidy(small);
}

function tidy(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** sha256 over ids and texts, in order. */
export function promptsHash(prompts: readonly Prompt[]): string {
  const hash = createHash("sha256");
  for (const { id, text } of prompts) hash.update(`${id}\0${text}\0`);
  return hash.digest("hex");
}

/** Text of a file, gzipped when its name ends in .gz; `line` says what a line holds. Throws MODX_USAGE_FILE_MISSING. */
export function readText(path: string, line = '{"id","text"}'): string {
  try {
    const bytes = readFileSync(path);
    return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  } catch (cause) {
    throw new ModxError("MODX_USAGE_FILE_MISSING", {
      what: `${path} cannot be read (${cause instanceof Error ? cause.message : cause}).`,
      remedy: `Give a JSON Lines file with one ${line} a line.`,
      cause,
    });
  }
}

/** `form` says what a line has to be. */
export function unreadable(path: string, why: string, cause?: unknown, form: string = FORM): ModxError {
  return new ModxError("MODX_USAGE_PROMPTS", {
    what: `The prompt file ${path} cannot be used: ${why}.`,
    remedy: form,
    cause,
  });
}
