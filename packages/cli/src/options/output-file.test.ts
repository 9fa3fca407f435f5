import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { checkOutputFile, makeOutputFolder } from "./output-file.ts";

const folder = mkdtempSync(join(tmpdir(), "modx-output-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("makes the folder that will be written into, and leaves one that is there", () => {
  const path = join(folder, "a", "b");
  makeOutputFolder(path);
  makeOutputFolder(path);
  expect(existsSync(path)).toBe(true);
});

it("says so where a file stands in the way, or a folder is missing", () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  const refused = expect.objectContaining({ code: "MODX_USAGE" });
  expect(() => makeOutputFolder(file)).toThrow(refused);
  expect(() => makeOutputFolder(join(file, "inside"))).toThrow(refused);
  expect(() => checkOutputFile(join(folder, "none", "file"))).toThrow(refused);
});

it.skipIf(!existsSync("/proc/self"))("does not wait for ever where no folder can be made", () => {
  expect(() => makeOutputFolder("/proc/nothing/inside")).toThrow(expect.objectContaining({ code: "MODX_USAGE" }));
});
