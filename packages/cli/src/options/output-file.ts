import { closeSync, openSync } from "node:fs";
import { ModxError } from "@modx/errors";

/** Before a long run: throws MODX_USAGE where the file that it will write cannot be written. An older file stays. */
export function checkOutputFile(path: string): void {
  try {
    closeSync(openSync(path, "a"));
  } catch (error) {
    throw new ModxError("MODX_USAGE", {
      what: `${path} cannot be written (${(error as NodeJS.ErrnoException).code}).`,
      remedy: "Name a file in a folder that exists and that you may write to.",
    });
  }
}
