import { bytesInMemory, openSafetensors, type TensorFile, writeSafetensors } from "@modx/tensors";
import { describe, expect, it } from "vitest";
import { pick } from "./pick.ts";

/** Of the number 1000 feature + dimension, by rows or by columns; which rows were asked for is written down. */
async function fileOf(
  features: number,
  width: number,
  along: "rows" | "columns",
  asked: number[][],
): Promise<TensorFile> {
  const data = Float32Array.from({ length: features * width }, (_, at) =>
    along === "rows"
      ? 1000 * Math.floor(at / width) + (at % width)
      : 1000 * (at % features) + Math.floor(at / features),
  );
  const shape = along === "rows" ? [features, width] : [width, features];
  const file = await openSafetensors(
    bytesInMemory("f.safetensors", writeSafetensors(new Map([["m", { dtype: "F32", shape, data }]]))),
  );
  return {
    ...file,
    rows: (name, from, count) => {
      asked.push([from ?? 0, count ?? 0]);
      return file.rows(name, from, count);
    },
  };
}

describe.each(["rows", "columns"] as const)("rows of features that lie along the %s", (along) => {
  it.each([
    ["all", Array.from({ length: 37 }, (_, i) => i)],
    ["some, in any order", [36, 0, 1, 2, 17, 5]],
    ["none", []],
  ])("are picked: %s", async (_, indices) => {
    const [features, width] = [37, 35];
    const file = await fileOf(features, width, along, []);
    const picked = await pick(file, { width, features }, { tensor: "m", features: along }, indices);
    expect([...picked]).toEqual(indices.flatMap((index) => Array.from({ length: width }, (__, i) => 1000 * index + i)));
  });
});

it("reads only the rows that are wanted, runs of neighbours at once", async () => {
  const asked: number[][] = [];
  const file = await fileOf(10, 4, "rows", asked);
  await pick(file, { width: 4, features: 10 }, { tensor: "m", features: "rows" }, [2, 3, 4, 9, 0, 1]);
  expect(asked).toEqual([
    [2, 3],
    [9, 1],
    [0, 2],
  ]);
});

describe("a large matrix", () => {
  // more than the pieces hold
  const [features, width] = [1 << 18, 18];
  const all = Int32Array.from({ length: features }, (_, i) => i);

  it.each(["rows", "columns"] as const)("by %s is read in pieces", async (along) => {
    const asked: number[][] = [];
    const file = await fileOf(features, width, along, asked);
    const picked = await pick(file, { width, features }, { tensor: "m", features: along }, all);
    expect(asked.length).toBeGreaterThan(1);
    for (const at of [0, 17, 18 * 500 + 3, picked.length - 1])
      expect(picked[at]).toBe(Math.fround(1000 * Math.floor(at / width) + (at % width)));
  });

  it("that lies the other way round in its file is read at once", async () => {
    const asked: number[][] = [];
    const file = { ...(await fileOf(features, width, "rows", asked)), byColumns: () => true };
    await pick(file, { width, features }, { tensor: "m", features: "rows" }, all);
    expect(asked).toEqual([[0, features]]);
  });
});
