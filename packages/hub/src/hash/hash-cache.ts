import type { BigIntStats } from "node:fs";
import { join } from "node:path";
import { readJson, writeWhole } from "../cache/disk.ts";
import { type Environment, modxCache } from "../cache/folders.ts";
import { field, textField } from "../cache/json-fields.ts";

/** Old entries go first; a thousand models are more than a disk holds. */
const MOST_ENTRIES = 1000;

/** The sha256 remembered for a file, if it is still the file that was hashed. */
export async function recalledSha256(realPath: string, facts: BigIntStats, env: Environment): Promise<string | null> {
  const entry = field(await readJson(cachePath(env)), "files", realPath);
  const sha256 = textField(entry, "sha256");
  if (sha256 === undefined || !/^[0-9a-f]{64}$/.test(sha256)) return null;
  const unchanged = Object.entries(stamp(facts)).every(([name, value]) => textField(entry, name) === value);
  return unchanged ? sha256 : null;
}

/** Remembers a file's sha256. A cache that cannot be written is not worth an error: the file is hashed again. */
export async function rememberSha256(
  realPath: string,
  facts: BigIntStats,
  sha256: string,
  env: Environment,
): Promise<void> {
  const path = cachePath(env);
  const known = field(await readJson(path), "files");
  const files = new Map(Object.entries(typeof known === "object" && known !== null ? known : {}));
  files.delete(realPath);
  files.set(realPath, { sha256, ...stamp(facts) });
  const kept = Object.fromEntries([...files].slice(-MOST_ENTRIES));
  await writeWhole(path, `${JSON.stringify({ version: 1, files: kept }, null, 1)}\n`).catch(() => undefined);
}

/** Changes whenever the file's content does: rewriting moves ctime, replacing moves the inode. */
function stamp(facts: BigIntStats): Record<string, string> {
  return {
    bytes: String(facts.size),
    mtimeNs: String(facts.mtimeNs),
    ctimeNs: String(facts.ctimeNs),
    inode: `${facts.dev}:${facts.ino}`,
  };
}

function cachePath(env: Environment): string {
  return join(modxCache(env), "hashes.json");
}
