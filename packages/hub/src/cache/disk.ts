import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { ModxError } from "@modx/errors";

/** Runs file system work; whatever it throws becomes MODX_HUB_DISK naming `path`. */
export async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (ModxError.isInstance(cause)) throw cause;
    throw diskError(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

export function diskError(path: string, reason: string, cause?: unknown): ModxError {
  return new ModxError("MODX_HUB_DISK", {
    what: `${path} could not be read or written (${reason}).`,
    remedy:
      "Free some space, check the folder's permissions, or choose another cache folder with XDG_CACHE_HOME or HF_HOME.",
    cause,
  });
}

/** Runs work on a cache that may stand on a disk that is full or not ours: false where the disk refused. Any other error goes on. */
export async function whereWritable(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (isSystemError(error) || (ModxError.isInstance(error) && error.code === "MODX_HUB_DISK")) return false;
    throw error;
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

/** Size of a file in bytes; null where there is none. A dangling link is none. */
export async function fileBytes(path: string): Promise<number | null> {
  const facts = await stat(path).catch(() => null);
  return facts?.isFile() ? facts.size : null;
}

/** Puts a finished file under its name so that it survives a power cut: data, then name, then folder. */
export async function moveIntoPlace(from: string, target: string): Promise<void> {
  await onDisk(target, async () => {
    await syncPath(from);
    await rename(from, target);
    // Some file systems refuse to sync a folder; the file itself is safe by then.
    await syncPath(dirname(target)).catch(() => undefined);
  });
}

/** Replaces a small file whole; readers see the old content or the new one. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Parsed JSON of a cache file; null where it is missing or damaged, since a cache can be built again. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return null;
  }
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
