import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { onDisk, whereWritable, writeWhole } from "./disk.ts";

it("does without a cache where the disk refuses, and hides no other error", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "file"), "");
  const below = join(folder, "file", "below");
  expect(await whereWritable(() => writeWhole(join(folder, "there"), "x"))).toBe(true);
  expect(await whereWritable(() => writeWhole(below, "x"))).toBe(false);
  expect(await whereWritable(() => onDisk(below, () => writeWhole(below, "x")))).toBe(false);
  await expect(whereWritable(() => Promise.reject(new TypeError("a mistake of ours")))).rejects.toThrow("a mistake");
});
