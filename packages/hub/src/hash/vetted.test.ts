import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cachesIn, temporaryFolder } from "../testing/temporary-folder.ts";
import { isVetted, markVetted } from "./vetted.ts";

test("a file is vetted for the engine version that loaded it", async () => {
  const folder = await temporaryFolder();
  const env = cachesIn(folder);
  expect(await isVetted("aa", "v1", env)).toBe(false);
  await markVetted("aa", "v1", env);
  await markVetted("bb", "v1", env);
  expect(await isVetted("aa", "v1", env)).toBe(true);
  expect(await isVetted("bb", "v1", env)).toBe(true);
  expect(await isVetted("aa", "v2", env)).toBe(false);
  await markVetted("aa", "v2", env);
  expect(await isVetted("bb", "v2", env)).toBe(false);
  await writeFile(join(folder, "modx", "vetted.json"), "broken");
  expect(await isVetted("aa", "v2", env)).toBe(false);
  await markVetted("aa", "v2", env);
  expect(await isVetted("aa", "v2", env)).toBe(true);
});
