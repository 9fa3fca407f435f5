import { type FileHandle, open } from "node:fs/promises";
import { ModxError } from "@modx/errors";

/** Bytes that are read in pieces, wherever they lie: a file, memory, a server that answers ranges. */
export interface ByteSource {
  /** What it is called in messages. */
  readonly name: string;
  readonly size: number;
  /** Exactly `length` bytes. Throws MODX_TENSORS_DAMAGED where there are not as many. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export function bytesInMemory(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    read: (offset, length) => {
      checkRange(name, offset, length, bytes.length);
      return Promise.resolve(bytes.subarray(offset, offset + length));
    },
    close: () => Promise.resolve(),
  };
}

/** Throws MODX_USAGE_FILE_MISSING where it cannot be opened, or is a folder. */
export async function openBytes(path: string): Promise<ByteSource> {
  const file = await open(path, "r").catch((cause: unknown) => {
    throw unreadable(path, cause instanceof Error ? cause.message : String(cause), cause);
  });
  const found = await file.stat();
  if (found.isDirectory()) {
    await file.close();
    throw unreadable(path, "it is a folder");
  }
  const { size } = found;
  return {
    name: path,
    size,
    read: async (offset, length) => {
      checkRange(path, offset, length, size);
      const bytes = new Uint8Array(length);
      await fill(file, bytes, offset, path);
      return bytes;
    },
    close: () => file.close(),
  };
}

/** One read of 2 GiB or more ends the process: Node counts its bytes in 32 bits. */
const MOST_AT_ONCE = 2 ** 30;

/** Reads until `bytes` are full. Throws MODX_TENSORS_DAMAGED. */
export async function fill(
  file: Pick<FileHandle, "read">,
  bytes: Uint8Array,
  offset: number,
  name: string,
): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, done, Math.min(MOST_AT_ONCE, bytes.length - done), offset + done);
    if (bytesRead === 0) throw damaged(name, "it ended early");
    done += bytesRead;
  }
}

function unreadable(path: string, why: string, cause?: unknown): ModxError {
  return new ModxError("MODX_USAGE_FILE_MISSING", {
    what: `${path} cannot be read (${why}).`,
    remedy: "Give the path of a file.",
    cause,
  });
}

/** A file of tensors that is not what it says. */
export function damaged(name: string, why: string): ModxError {
  return new ModxError("MODX_TENSORS_DAMAGED", {
    what: `${name} is not a whole file of tensors: ${why}.`,
    remedy: "Get the file again.",
  });
}

function checkRange(name: string, offset: number, length: number, size: number): void {
  if (
    !(
      Number.isSafeInteger(offset) &&
      Number.isSafeInteger(length) &&
      offset >= 0 &&
      length >= 0 &&
      offset + length <= size
    )
  )
    throw damaged(name, `it has ${size} bytes, and ${length} from ${offset} on are wanted`);
}
