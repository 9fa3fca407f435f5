import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { ModxError } from "@modx/errors";
import { usage } from "./option.ts";

/** Before a long run: throws MODX_USAGE where the file that it will write cannot be written. An older file stays. */
export function checkOutputFile(path: string): void {
  try {
    closeSync(openSync(path, "a"));
  } catch (error) {
    throw unwritable(path, "file", error);
  }
}

/** Before a long run: makes the folder that it will write into, and throws MODX_USAGE where it cannot be written into. */
export function makeOutputFolder(path: string): void {
  try {
    makeFolders(resolve(path));
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unwritable(path, "folder", error);
  }
}

/** One after another: where nothing can be made, as below /proc, Node's own `recursive` never returns. */
function makeFolders(path: string): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path));
  mkdirSync(path);
}

/** Of a file or folder that could not be written. */
export function unwritable(path: string, what: "file" | "folder", cause: unknown): ModxError {
  return usage(
    `${path} cannot be written (${(cause as NodeJS.ErrnoException).code}).`,
    what === "file"
      ? "Name a file in a folder that exists and that you may write to."
      : "Name a folder that you may write to.",
  );
}
