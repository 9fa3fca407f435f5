import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { damaged } from "./damaged.ts";

/** The files of a pack, wherever they lie. */
export interface PackFiles {
  /** What they are called in messages. */
  readonly name: string;
  /** One of them; null where none can be read. Throws MODX_PACK_DAMAGED where it is longer than `most` bytes. */
  read(file: string, most: number): Uint8Array | null;
}

/** Of `pack.json`: thousands of features with long labels are a few megabytes. */
export const MOST_MANIFEST_BYTES = 16 << 20;
/** Of any other file: ten thousand rows of width 16,384 are 655 MB. */
export const MOST_FILE_BYTES = 1 << 30;

/** Those in a folder. */
export function filesOf(folder: string): PackFiles {
  return {
    name: folder,
    read: (file, most) => {
      const path = join(folder, file);
      const size = sizeOf(path);
      if (size === null) return null;
      if (size > most) throw damaged(folder, `${file} has ${size} bytes, and ${most} are the most`);
      try {
        return readFileSync(path);
      } catch {
        return null;
      }
    },
  };
}

function sizeOf(path: string): number | null {
  try {
    const found = statSync(path);
    return found.isFile() ? found.size : null;
  } catch {
    return null;
  }
}
