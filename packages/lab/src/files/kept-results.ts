import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { exactJson } from "./exact-json.ts";
import { keptValue, type Line, linesByKey } from "./keyed-lines.ts";

/** Gives the result that is kept for `of`, or makes it and keeps it. `of` is all that it depends on beside the settings. */
export type Keep = <T>(of: unknown, make: () => Promise<T>) => Promise<T>;

/** Keeps nothing: makes every result. */
export const keepNothing: Keep = (_, make) => make();

/** Version of the lines; another one reads none of them. */
const FORM = 1;

/**
 * Keeps results in `folder`, each as a line of JSON as soon as it is there, so that what is interrupted goes on where it was. Settings have
 * a file each: results of others are never found. A line that was cut while it was written counts as not there. Results stay in the file
 * until they are asked for.
 */
export function keepIn(folder: string, settings: unknown): Keep {
  const own = hashOf([FORM, settings]);
  const path = join(folder, `answers-${own.slice(0, 16)}.jsonl`);
  mkdirSync(folder, { recursive: true });
  const kept = existsSync(path) ? linesByKey(path) : new Map<string, Line>();
  return async <T>(of: unknown, make: () => Promise<T>): Promise<T> => {
    const key = hashOf([own, of]);
    const line = kept.get(key);
    const found = line === undefined ? undefined : keptValue(path, line, key);
    if (found !== undefined) return found as T;
    const value = await make();
    appendFileSync(path, `${exactJson({ key, value })}\n`);
    return value;
  };
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(exactJson(value)).digest("hex");
}
