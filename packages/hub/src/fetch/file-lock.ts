import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onDisk } from "../cache/disk.ts";
import { countField, textField } from "../cache/json-fields.ts";

const POLL_MS = 200;
const HEARTBEAT_MS = 5000;
/** Twelve missed heartbeats: the holder is gone, or its machine sleeps. */
const STALE_MS = 60_000;

/**
 * Runs `work` while `<target>.lock` is held, so that two processes do not fetch the same file at once. A lock whose
 * holder is dead is taken over. The lock saves work; what keeps files right is the hash and the rename at the end.
 */
export async function withFileLock<T>(
  target: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const path = `${target}.lock`;
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), nonce: randomBytes(8).toString("hex") });
  await onDisk(path, () => mkdir(dirname(path), { recursive: true }));
  while (!(await onDisk(path, () => take(path, mine)))) {
    await breakStale(path);
    await sleep(POLL_MS, undefined, { signal });
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if ((await readText(path)) === mine) await rm(path, { force: true });
  }
}

async function take(path: string, mine: string): Promise<boolean> {
  try {
    await writeFile(path, mine, { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Removes a dead process's lock. Another process may do so too: only the lock that was judged is removed. */
async function breakStale(path: string): Promise<void> {
  const judged = await readText(path);
  if (judged === null || !(await isStale(path, judged))) return;
  const aside = `${path}.${process.pid}-${randomBytes(4).toString("hex")}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if ((await readText(aside)) !== judged) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function isStale(path: string, content: string): Promise<boolean> {
  const facts = await stat(path).catch(() => null);
  if (facts === null) return false;
  if (Date.now() - facts.mtimeMs > STALE_MS) return true;
  const holder = parse(content);
  const pid = countField(holder, "pid");
  return pid !== undefined && textField(holder, "host") === hostname() && !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** A lock that was just created may still be empty. */
function parse(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return null;
  }
}

function readText(path: string): Promise<string | null> {
  return readFile(path, "utf8").catch(() => null);
}
