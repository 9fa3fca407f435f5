import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { ModxError } from "@modx/errors";
import { diskError } from "../cache/disk.ts";
import type { Environment } from "../cache/folders.ts";
import { digestOfFile } from "./file-digest.ts";
import { recalledSha256, rememberSha256 } from "./hash-cache.ts";

/**
 * File times move in the kernel's ticks (1 to 10 ms). A file changed just before it was hashed could change again within
 * the tick and look the same, so its hash is not remembered.
 */
const TICK_NS = 20_000_000n;

export interface HashOptions {
  env?: Environment | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * sha256 of a file, lower-case hex. Remembered in modx's cache for as long as size, times and inode stay the same.
 * Throws MODX_USAGE_FILE_MISSING or MODX_HUB_DISK.
 */
export async function sha256OfFile(path: string, { env = process.env, signal }: HashOptions = {}): Promise<string> {
  const { real, facts } = await find(path);
  const recalled = await recalledSha256(real, facts, env);
  if (recalled !== null) return recalled;
  const sha256 = await digestOfFile(real, "sha256", signal);
  const after = (await find(path)).facts;
  const settled = after.ctimeNs === facts.ctimeNs && nowNs() - after.ctimeNs > TICK_NS;
  if (settled) await rememberSha256(real, after, sha256, env);
  return sha256;
}

/** Remembers a hash that was computed while the file was still under another name. */
export async function rememberMovedFile(path: string, sha256: string, env: Environment): Promise<void> {
  const { real, facts } = await find(path);
  await rememberSha256(real, facts, sha256, env);
}

/** Identity of a model: its file's sha256; of a split one the sha256 over its parts' hashes, one a line. */
export function modelSha256(parts: readonly string[]): string {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  return createHash("sha256").update(parts.join("\n")).digest("hex");
}

async function find(path: string): Promise<{ real: string; facts: BigIntStats }> {
  try {
    const real = await realpath(path);
    return { real, facts: await stat(real, { bigint: true }) };
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

function unreadable(path: string, cause: unknown): ModxError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code !== "ENOENT" && code !== "ENOTDIR") {
    return diskError(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
  return new ModxError("MODX_USAGE_FILE_MISSING", {
    what: `There is no file ${path}.`,
    remedy: "Check the path.",
    cause,
  });
}
