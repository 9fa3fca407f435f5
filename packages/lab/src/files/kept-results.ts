import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { exactJson, readExactJson } from "./exact-json.ts";

/** Gives the result that is kept for `of`, or makes it and keeps it. `of` is all that it depends on beside the settings. */
export type Keep = <T>(of: unknown, make: () => Promise<T>) => Promise<T>;

/** Keeps nothing: makes every result. */
export const keepNothing: Keep = (_, make) => make();

/** Version of the lines; another one reads none of them. */
const FORM = 1;

/**
 * Keeps results in `folder`, each as a line of JSON as soon as it is there, so that what is interrupted goes on where it was. Settings have
 * a file each: results of others are never found. A line that was cut while it was written counts as not there.
 */
export function keepIn(folder: string, settings: unknown): Keep {
  const own = hashOf([FORM, settings]);
  const path = join(folder, `answers-${own.slice(0, 16)}.jsonl`);
  mkdirSync(folder, { recursive: true });
  const before = existsSync(path) ? readFileSync(path, "utf8") : "";
  const kept = new Map(before.split("\n").flatMap(wholeLine));
  // what comes next must not go on a cut line
  if (before !== "" && !before.endsWith("\n")) appendFileSync(path, "\n");
  return async <T>(of: unknown, make: () => Promise<T>): Promise<T> => {
    const key = hashOf([own, of]);
    const line = kept.get(key);
    if (line !== undefined) return (readExactJson(line) as { value: T }).value;
    const value = await make();
    appendFileSync(path, `${exactJson({ key, value })}\n`);
    return value;
  };
}

/** The line by its key; nothing where it is not whole. */
function wholeLine(line: string): [key: string, line: string][] {
  try {
    const read = readExactJson(line) as { key?: unknown; value?: unknown } | null;
    return typeof read?.key === "string" && read.value !== undefined ? [[read.key, line]] : [];
  } catch {
    return [];
  }
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(exactJson(value)).digest("hex");
}
