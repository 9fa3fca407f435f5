import type { TensorFile } from "@modx/tensors";
import { describe, expect, it } from "vitest";
import { pick } from "./pick.ts";

const FEATURE = 1000;

/**
 * A matrix of the number 1000 feature + dimension, whose features are along its rows or its columns, and which lies in its file by rows or
 * by columns; which lines were read of it is written down.
 */
function fileOf(
  features: number,
  width: number,
  along: "rows" | "columns",
  byColumns: boolean,
  asked: number[][] = [],
): TensorFile {
  const together = (along === "rows") !== byColumns;
  const unused = (): never => {
    throw new Error("whole rows were asked for");
  };
  return {
    names: ["m"],
    scalars: new Map(),
    has: () => true,
    shape: () => (along === "rows" ? [features, width] : [width, features]),
    byColumns: () => byColumns,
    rows: unused,
    lines: async (_, from, count) => {
      asked.push([from, count]);
      const length = together ? width : features;
      return Float32Array.from({ length: count * length }, (__, at) => {
        const [line, place] = [from + Math.floor(at / length), at % length];
        return together ? FEATURE * line + place : FEATURE * place + line;
      });
    },
    close: async () => undefined,
  };
}

const ALONG = ["rows", "columns"] as const;
const LIES = ALONG.flatMap((along) => [false, true].map((byColumns) => ({ along, byColumns })));

describe.each(LIES)("features along the $along of what lies by columns: $byColumns", ({ along, byColumns }) => {
  it.each([
    ["all", Array.from({ length: 37 }, (_, i) => i)],
    ["some, in any order", [36, 0, 1, 2, 17, 5]],
    ["none", []],
  ])("are picked: %s", async (_, indices) => {
    const [features, width] = [37, 35];
    const file = fileOf(features, width, along, byColumns);
    const picked = await pick(file, { width, features }, { tensor: "m", features: along }, indices);
    expect([...picked]).toEqual(
      indices.flatMap((index) => Array.from({ length: width }, (__, i) => FEATURE * index + i)),
    );
  });
});

it.each(LIES.filter(({ along, byColumns }) => (along === "rows") !== byColumns))(
  "reads only what is wanted where features lie together, neighbours at once: $along, $byColumns",
  async ({ along, byColumns }) => {
    const asked: number[][] = [];
    const file = fileOf(10, 4, along, byColumns, asked);
    await pick(file, { width: 4, features: 10 }, { tensor: "m", features: along }, [2, 3, 4, 9, 0, 1]);
    expect(asked).toEqual([
      [2, 3],
      [9, 1],
      [0, 2],
    ]);
  },
);

describe("a large matrix", () => {
  // more than the pieces hold
  const [features, width] = [1 << 18, 18];

  it.each(LIES)("is read in pieces: $along, $byColumns", async ({ along, byColumns }) => {
    const asked: number[][] = [];
    const file = fileOf(features, width, along, byColumns, asked);
    const all = Int32Array.from({ length: features }, (_, i) => i);
    const picked = await pick(file, { width, features }, { tensor: "m", features: along }, all);
    expect(asked.length).toBeGreaterThan(1);
    for (const at of [0, 17, 18 * 500 + 3, picked.length - 1])
      expect(picked[at]).toBe(Math.fround(FEATURE * Math.floor(at / width) + (at % width)));
  });

  it.each(LIES.filter(({ along, byColumns }) => (along === "rows") === byColumns))(
    "is read once from end to end for scattered features, 2^21 numbers at a time: $along, $byColumns",
    async ({ along, byColumns }) => {
      const asked: number[][] = [];
      const file = fileOf(features, width, along, byColumns, asked);
      const scattered = Array.from({ length: 182 }, (_, i) => (i * 1439 + 7) % features);
      const picked = await pick(file, { width, features }, { tensor: "m", features: along }, scattered);
      expect(asked).toEqual([
        [0, 8],
        [8, 8],
        [16, 2],
      ]);
      expect([...picked.subarray(width, width + 2)]).toEqual([1_446_000, 1_446_001]);
    },
  );
});
