import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ModxError } from "@modx/errors";
import { damaged } from "./damaged.ts";

/** The files of a pack, wherever they lie. */
export interface PackFiles {
  /** What they are called in messages. */
  readonly name: string;
  /** One of them; null where there is none. Throws MODX_PACK_DAMAGED where it is longer than `most` bytes. */
  read(file: string, most: number): Uint8Array | null;
}

/** Of `pack.json`: thousands of features with long labels are a few megabytes. */
export const MOST_MANIFEST_BYTES = 16 << 20;
/** Of any other file: ten thousand rows of width 16,384 are 655 MB. */
export const MOST_FILE_BYTES = 1 << 30;

/** Those in a folder. Its `read` throws MODX_PACK_MISSING too, with the reason, where a file is there and cannot be read. */
export function filesOf(folder: string): PackFiles {
  return {
    name: folder,
    read: (file, most) => {
      try {
        const path = join(folder, file);
        const found = statSync(path);
        if (!found.isFile()) return null;
        if (found.size > most) throw damaged(folder, `${file} has ${found.size} bytes, and ${most} are the most`);
        return readFileSync(path);
      } catch (error) {
        if (ModxError.isInstance(error)) throw error;
        const { code, message } = error as NodeJS.ErrnoException;
        if (code === "ENOENT" || code === "ENOTDIR") return null;
        throw new ModxError("MODX_PACK_MISSING", {
          what: `The pack in ${folder} cannot be read (${message}).`,
          remedy: "Check the folder's permissions and its disk.",
          cause: error,
        });
      }
    },
  };
}
