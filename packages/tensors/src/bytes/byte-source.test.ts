import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import { fill, openBytes } from "./byte-source.ts";

it("asks for 1 GiB at most at a time: more would end the process", async () => {
  // nothing is written to it, so that it takes no memory
  const bytes = new Uint8Array(2 ** 31 + 5);
  const asked: [number, number, number][] = [];
  const read = async (_: Uint8Array, at: number, length: number, from: number) => {
    asked.push([at, length, from]);
    return { bytesRead: length, buffer: bytes };
  };
  await fill({ read: read as never }, bytes, 7, "f");
  expect(asked).toEqual([
    [0, 2 ** 30, 7],
    [2 ** 30, 2 ** 30, 2 ** 30 + 7],
    [2 ** 31, 5, 2 ** 31 + 7],
  ]);
});

it("says of a folder that it is one", async () => {
  await expect(openBytes(tmpdir())).rejects.toMatchObject({
    code: "MODX_USAGE_FILE_MISSING",
    message: expect.stringContaining("folder"),
  });
});
