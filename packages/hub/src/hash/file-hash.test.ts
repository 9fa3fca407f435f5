import { chmod, readFile, rename, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Environment } from "../cache/folders.ts";
import { field } from "../cache/json-fields.ts";
import { failure } from "../testing/failure.ts";
import { sha256 } from "../testing/sha256.ts";
import { cachesIn, temporaryFolder } from "../testing/temporary-folder.ts";
import { modelSha256, sha256OfFile } from "./file-hash.ts";

/** Longer than a tick of the file system's clock, so that a hash is remembered. */
const SETTLE_MS = 50;

async function setUp(): Promise<{ path: string; env: Environment; cache: string }> {
  const folder = await temporaryFolder();
  const path = join(folder, "file");
  await writeFile(path, "one");
  await sleep(SETTLE_MS);
  return { path, env: cachesIn(folder), cache: join(folder, "modx", "hashes.json") };
}

test("a hash is remembered under the real path", async () => {
  const { path, env, cache } = await setUp();
  await symlink(path, `${path}.link`);
  expect(await sha256OfFile(`${path}.link`, { env })).toBe(sha256("one"));
  expect(field(JSON.parse(await readFile(cache, "utf8")), "files", path, "sha256")).toBe(sha256("one"));
  // Believed, not computed: a planted hash comes back.
  await writeFile(cache, (await readFile(cache, "utf8")).replace(sha256("one"), sha256("planted")));
  expect(await sha256OfFile(path, { env })).toBe(sha256("planted"));
});

test("a changed file is hashed anew, also with its old size and time", async () => {
  const { path, env } = await setUp();
  await sha256OfFile(path, { env });
  const then = new Date(1e12);
  await utimes(path, then, then);
  await sleep(SETTLE_MS);
  await sha256OfFile(path, { env });
  await writeFile(path, "two");
  await utimes(path, then, then);
  expect(await sha256OfFile(path, { env })).toBe(sha256("two"));
  await writeFile(`${path}2`, "six");
  await utimes(`${path}2`, then, then);
  await rename(`${path}2`, path);
  expect(await sha256OfFile(path, { env })).toBe(sha256("six"));
});

test("a file changed within the clock's tick is not remembered", async () => {
  const { path, env } = await setUp();
  for (const text of ["abc", "def", "ghi"]) {
    await writeFile(path, text);
    expect(await sha256OfFile(path, { env })).toBe(sha256(text));
  }
});

test.each(["{ broken", "[]", '{"files":7}', '{"files":{"x":3}}'])(
  "a damaged cache is rewritten: %s",
  async (damage) => {
    const { path, env, cache } = await setUp();
    await sha256OfFile(path, { env });
    await writeFile(cache, damage);
    expect(await sha256OfFile(path, { env })).toBe(sha256("one"));
    expect(field(JSON.parse(await readFile(cache, "utf8")), "files", path, "sha256")).toBe(sha256("one"));
  },
);

test("a cache that cannot be written is no error", async () => {
  const { path, env } = await setUp();
  await writeFile(join(env["XDG_CACHE_HOME"] ?? "", "modx"), "a file where the folder should be");
  expect(await sha256OfFile(path, { env })).toBe(sha256("one"));
});

test("what cannot be hashed says why", async () => {
  const { path, env } = await setUp();
  expect((await failure(sha256OfFile(`${path}.none`, { env }))).code).toBe("MODX_USAGE_FILE_MISSING");
  await chmod(path, 0o600);
  expect((await failure(sha256OfFile(join(path, ".."), { env }))).code).toBe("MODX_HUB_DISK");
});

test("a split model's identity covers all parts", () => {
  expect(modelSha256(["a"])).toBe("a");
  expect(modelSha256(["a", "b"])).toBe(sha256("a\nb"));
});
