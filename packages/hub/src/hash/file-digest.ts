import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { diskError } from "../cache/disk.ts";

/** Large reads: with Node's default of 64 KiB hashing spends half its time between reads. */
const READ_BYTES = 1 << 20;

/** How a file's content is identified: its sha256, or the name that git gives it. */
export interface Digest {
  algorithm: "sha256" | "git-sha1";
  hex: string;
}

/** What a file of so many bytes is then put into. */
export function startDigest(algorithm: Digest["algorithm"], bytes: number): Hash {
  const hash = createHash(algorithm === "sha256" ? "sha256" : "sha1");
  // git hashes a header in front: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
  return algorithm === "git-sha1" ? hash.update(`blob ${bytes}\0`) : hash;
}

/** Digest of a whole file, lower-case hex. Throws MODX_HUB_DISK or the signal's reason. */
export async function digestOfFile(
  path: string,
  algorithm: Digest["algorithm"],
  signal?: AbortSignal | undefined,
): Promise<string> {
  try {
    const hash = startDigest(algorithm, (await stat(path)).size);
    for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES, signal }))
      hash.update(chunk as Buffer);
    return hash.digest("hex");
  } catch (cause) {
    signal?.throwIfAborted();
    throw diskError(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}
