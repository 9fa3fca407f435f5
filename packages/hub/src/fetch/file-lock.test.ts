import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { withFileLock } from "./file-lock.ts";

test("one at a time, and the lock goes with the work", async () => {
  const target = join(await temporaryFolder(), "file");
  let inside = 0;
  const work = async (): Promise<number> => {
    inside += 1;
    const seen = inside;
    await sleep(30);
    inside -= 1;
    return seen;
  };
  const seen = await Promise.all([1, 2, 3].map(() => withFileLock(target, undefined, work)));
  expect(seen).toEqual([1, 1, 1]);
  expect(existsSync(`${target}.lock`)).toBe(false);
});

test("a dead process's lock is taken over at once", async () => {
  const target = join(await temporaryFolder(), "file");
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  await writeFile(`${target}.lock`, JSON.stringify({ pid, host: hostname(), nonce: "x" }));
  expect(await withFileLock(target, undefined, async () => "done")).toBe("done");
});

test("a lock from another machine is taken over when it has long been silent", async () => {
  const target = join(await temporaryFolder(), "file");
  await writeFile(`${target}.lock`, JSON.stringify({ pid: 1, host: "elsewhere", nonce: "x" }));
  const waiting = AbortSignal.timeout(500);
  await expect(withFileLock(target, waiting, async () => "done")).rejects.toThrow();
  const longAgo = new Date(Date.now() - 120_000);
  await utimes(`${target}.lock`, longAgo, longAgo);
  expect(await withFileLock(target, undefined, async () => "done")).toBe("done");
});

test("the lock goes when the work fails", async () => {
  const target = join(await temporaryFolder(), "file");
  await expect(withFileLock(target, undefined, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(existsSync(`${target}.lock`)).toBe(false);
});
