import { createHash } from "node:crypto";
import { mkdir, readdir, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Digest } from "../hash/file-digest.ts";
import { sha256 } from "../testing/sha256.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { BLOCK_BYTES, KeptBlocks } from "./kept-blocks.ts";

const FILE = Buffer.alloc(2 * BLOCK_BYTES + 5, "some numbers ");
const blocks = [0, 1, 2].map((block) => FILE.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES));
const LFS: Digest = { algorithm: "sha256", hex: sha256(FILE) };
const GIT: Digest = {
  algorithm: "git-sha1",
  hex: createHash("sha1").update(`blob ${FILE.length}\0`).update(FILE).digest("hex"),
};

const open = (folder: string, digest = LFS): KeptBlocks => new KeptBlocks(folder, FILE.length, digest);
const part = (block: number): Buffer => blocks[block] ?? Buffer.alloc(0);
const nameOf = async (folder: string, block: number): Promise<string> =>
  join(folder, (await readdir(folder)).find((name) => name.startsWith(`${block}-`)) ?? "");

/** Compared as a whole: matchers go number by number. */
async function holds(kept: KeptBlocks, block: number): Promise<boolean> {
  const bytes = await kept.read(block);
  if (bytes !== null) expect(part(block).equals(bytes)).toBe(true);
  return bytes !== null;
}

describe("blocks of a file", () => {
  it("are there for whoever opens it next", async () => {
    const folder = join(await temporaryFolder(), "blob");
    expect(await holds(open(folder), 1)).toBe(false);
    await open(folder).keep(1, part(1));
    expect(await holds(open(folder), 1)).toBe(true);
    expect(await holds(open(folder), 0)).toBe(false);
  });

  it.each<[string, (path: string) => Promise<unknown>]>([
    ["cut short, as by a power cut", (path) => truncate(path, 1000)],
    ["empty", (path) => truncate(path, 0)],
    ["changed", (path) => writeFile(path, Buffer.alloc(BLOCK_BYTES))],
    ["another one's", (path) => rename(path, `${path.slice(0, -64)}${sha256("another")}`)],
    ["a folder", (path) => rm(path).then(() => mkdir(path))],
    ["gone", (path) => rm(path)],
  ])("are not believed where one is %s, until it is fetched again", async (_, damage) => {
    const folder = await temporaryFolder();
    await open(folder).keep(0, part(0));
    await open(folder).keep(1, part(1));
    await damage(await nameOf(folder, 1));
    const later = open(folder);
    expect(await holds(later, 1)).toBe(false);
    expect(await holds(later, 0)).toBe(true);
    await later.keep(1, part(1));
    expect(await holds(open(folder), 1)).toBe(true);
  });

  it("ignore what a writer that was killed has left, and what is of somebody else", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, `0-${sha256(part(0))}.4711-deadbeef.tmp`), part(0).subarray(0, 100));
    await writeFile(join(folder, "README"), "hello");
    // beyond the end of the file
    await writeFile(join(folder, `3-${sha256("x")}`), "x");
    const kept = open(folder);
    for (const block of [0, 1, 2, 3]) expect(await kept.read(block)).toBeNull();
    expect(await kept.areRight()).toBe(true);
  });

  it.each([LFS, GIT])("are the file that is listed once all are there: $algorithm", async (digest) => {
    const folder = await temporaryFolder();
    const kept = open(folder, digest);
    for (const block of [2, 0, 1]) {
      expect(await kept.areRight()).toBe(true);
      expect(await readdir(folder)).not.toContain("checked");
      await kept.keep(block, part(block));
    }
    expect(await kept.areRight()).toBe(true);
    expect(await readdir(folder)).toContain("checked");
    const wrong = open(await temporaryFolder(), { ...digest, hex: "0".repeat(digest.hex.length) });
    for (const block of [0, 1, 2]) await wrong.keep(block, part(block));
    expect(await wrong.areRight()).toBe(false);
    for (const block of [0, 1, 2]) expect(await wrong.read(block)).toBeNull();
  });

  it("are checked by whoever opens them next, where the first one was killed before", async () => {
    const folder = await temporaryFolder();
    const wrong = { ...LFS, hex: "0".repeat(64) };
    for (const block of [0, 1, 2]) await open(folder, wrong).keep(block, part(block));
    expect(await open(folder, wrong).areRight()).toBe(false);
    expect(await open(folder, wrong).read(0)).toBeNull();
  });

  it("are kept nowhere, and no error, where nothing can be written", async () => {
    const file = join(await temporaryFolder(), "file");
    await writeFile(file, "");
    const kept = open(join(file, "blob"));
    await kept.keep(0, part(0));
    expect(await kept.read(0)).toBeNull();
    expect(await kept.areRight()).toBe(true);
  });
});
