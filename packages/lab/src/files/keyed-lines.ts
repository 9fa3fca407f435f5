import { appendFileSync, closeSync, openSync, readSync } from "node:fs";
import { readExactJson } from "./exact-json.ts";

/** Where a line lies in its file, in bytes. */
export interface Line {
  start: number;
  length: number;
}

/** How a line begins whose key is a sha256 in hexadecimal. */
const BEGINNING = /^\{"key":"([0-9a-f]{64})"/;
const BEGINNING_BYTES = 80;
const READ_BYTES = 1 << 20;

/** The lines of a file, the last of each key. A cut one at the end is ended, as what comes next must not go on it. */
export function linesByKey(path: string): Map<string, Line> {
  const lines = new Map<string, Line>();
  const file = openSync(path, "r");
  let [start, at] = [0, 0];
  let beginning: Buffer = Buffer.alloc(0);
  try {
    const chunk = Buffer.alloc(READ_BYTES);
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      let from = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0 && end < read; end = chunk.indexOf(NEWLINE, from)) {
        const key = BEGINNING.exec(started(beginning, chunk.subarray(from, end)).toString())?.[1];
        if (key !== undefined) lines.set(key, { start, length: at + end - start });
        beginning = Buffer.alloc(0);
        from = end + 1;
        start = at + from;
      }
      beginning = started(beginning, chunk.subarray(from, read));
      at += read;
    }
  } finally {
    closeSync(file);
  }
  if (start < at) appendFileSync(path, "\n");
  return lines;
}

const NEWLINE = "\n".charCodeAt(0);

/** A line's first bytes, of which there may be some from the chunk before. */
function started(before: Buffer, more: Buffer): Buffer {
  return Buffer.concat([before, more.subarray(0, Math.max(0, BEGINNING_BYTES - before.length))]);
}

/** What a line keeps for its key; undefined where it is not whole. */
export function keptValue(path: string, { start, length }: Line, key: string): unknown {
  const bytes = Buffer.alloc(length);
  const file = openSync(path, "r");
  try {
    readSync(file, bytes, 0, length, start);
  } finally {
    closeSync(file);
  }
  try {
    const read = readExactJson(bytes.toString()) as { key?: unknown; value?: unknown } | null;
    return read?.key === key ? read.value : undefined;
  } catch {
    return undefined;
  }
}
