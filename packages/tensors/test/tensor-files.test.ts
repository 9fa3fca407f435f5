import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { ModxError } from "@modx/errors";
import { describe, expect, it } from "vitest";
import { mutate, randomBelow } from "../../../testing/random.ts";
import { bytesInMemory, openBytes, openNpz, openSafetensors, openTorch, type TensorFile } from "../src/index.ts";

/* Files that numpy, torch and safetensors wrote (`fixtures/make.py`). */
const FIXTURES = join(import.meta.dirname, "fixtures");
const expected = JSON.parse(readFileSync(join(FIXTURES, "expected.json"), "utf8")) as Record<string, number[]>;
const FORMATS = { npz: openNpz, pt: openTorch, safetensors: openSafetensors };
const formatOf = (name: string): keyof typeof FORMATS => name.split(".").at(-1) as keyof typeof FORMATS;

async function withFile<T>(name: string, run: (file: TensorFile) => Promise<T>): Promise<T> {
  const source = await openBytes(join(FIXTURES, name));
  const file = await FORMATS[formatOf(name)](source).catch(async (refused: unknown) => {
    await source.close();
    throw refused;
  });
  try {
    return await run(file);
  } finally {
    await file.close();
  }
}

describe("a file of tensors", () => {
  it.each([
    ["numbers.safetensors", { matrix: "matrix", brain: "brain", doubles: "doubles" }],
    ["stored.npz", { matrix: "matrix", halves: "halves", columns: "matrix" }],
    ["packed.npz", { matrix: "matrix", doubles: "doubles" }],
    [
      "dictionary.pt",
      {
        matrix: "matrix",
        turned: "turned",
        part: "part",
        brain: "brain",
        "inner.halves": "halves",
        "inner.doubles": "doubles",
      },
    ],
    ["state.pt", { weight: "weight", bias: "bias" }],
    ["protocol4.pt", { matrix: "matrix", halves: "halves" }],
  ] as const)("%s gives the numbers that were written", (name, tensors) =>
    withFile(name, async (file) => {
      for (const [tensor, as] of Object.entries(tensors))
        expect([...(await file.rows(tensor))], tensor).toEqual(expected[as]?.map(Math.fround));
    }),
  );

  it.each(["numbers.safetensors", "stored.npz", "packed.npz", "dictionary.pt"])(
    "%s gives some rows as part of all",
    (name) =>
      withFile(name, async (file) => {
        expect(file.shape("matrix")).toEqual([5, 3]);
        const all = await file.rows("matrix");
        expect([...(await file.rows("matrix", 1, 3))]).toEqual([...all.subarray(3, 12)]);
        await expect(file.rows("matrix", 4, 2)).rejects.toMatchObject({ code: "MODX_TENSORS_DAMAGED" });
      }),
  );

  it("gives rows of a matrix that lies by columns", async () => {
    await withFile("dictionary.pt", async (file) => {
      expect(file.shape("turned")).toEqual([3, 5]);
      expect([file.byColumns("turned"), file.byColumns("matrix")]).toEqual([true, false]);
      expect([...(await file.rows("turned", 1, 1))]).toEqual(expected["turned"]?.slice(5, 10).map(Math.fround));
      // its lines are its columns, which are the rows of what it was turned from
      expect([...(await file.lines("turned", 3, 2))]).toEqual(expected["matrix"]?.slice(9, 15).map(Math.fround));
      expect([...(await file.lines("matrix", 3, 2))]).toEqual(expected["matrix"]?.slice(9, 15).map(Math.fround));
      await expect(file.lines("turned", 4, 2)).rejects.toMatchObject({ code: "MODX_TENSORS_DAMAGED" });
    });
  });

  it("gives what is no tensor as a number, by its path", () =>
    withFile("dictionary.pt", async ({ scalars }) => {
      expect(Object.fromEntries(scalars)).toEqual({ k: 32, "inner.threshold": 0.25 });
    }));

  it("says which tensors it has where one is missing", () =>
    withFile("state.pt", async (file) => {
      expect(() => file.shape("W_enc")).toThrow(
        expect.objectContaining({ code: "MODX_TENSORS_MISSING", message: expect.stringContaining("weight, bias") }),
      );
    }));

  it("runs nothing that a pickle asks for, and refuses a view with gaps", async () => {
    for (const name of ["evil.pt", "gaps.pt"])
      await expect(withFile(name, async () => undefined)).rejects.toMatchObject({ code: "MODX_TENSORS_REFUSED" });
    expect(existsSync("/tmp/modx-pickle-ran")).toBe(false);
  });
});

it("is not held up by dictionaries that hold themselves", async () => {
  // {0: itself, 1: itself, ... 99: itself}: a hundred to the eighth paths
  const items = Array.from({ length: 100 }, (_, i) => `K${String.fromCharCode(i)}h\0`).join("");
  const pickle = Buffer.from(`\x80\x02}q\0(${items}u.`, "latin1");
  await expect(openTorch(bytesInMemory("loop.pt", zipOf({ "a/data.pkl": pickle })))).rejects.toMatchObject({
    code: "MODX_TENSORS_DAMAGED",
    message: expect.stringContaining("entries"),
  });
});

it("is not taken in by a name that is a list of lists without end", async () => {
  // a list in a list, 50,000 deep, as module and as name
  const nested = "]".repeat(50_000) + "a".repeat(49_999);
  const pickle = Buffer.from(`\x80\x04${nested}${nested}\x93.`, "latin1");
  await expect(openTorch(bytesInMemory("deep.pt", zipOf({ "a/data.pkl": pickle })))).rejects.toMatchObject({
    code: "MODX_TENSORS_DAMAGED",
    message: expect.stringContaining("no name"),
  });
});

it("says what to do with the form from before torch 1.6", async () => {
  const old = Buffer.from([0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]);
  await expect(openTorch(bytesInMemory("old.pt", old))).rejects.toMatchObject({
    code: "MODX_TENSORS_REFUSED",
    remedy: expect.stringContaining("save it again"),
  });
});

describe("an archive that unpacks to more than it is", () => {
  const array = (numbers: number): Buffer => {
    const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${numbers},), }\n`;
    const start = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0]);
    return Buffer.concat([start, Buffer.from(header), Buffer.alloc(4 * numbers)]);
  };

  it("is opened by its headers, and what is unpacked is counted over all its entries", async () => {
    // 3 x 40 MiB of zeros in 120 KB
    const zip = zipOf({ "a.npy": array(10 << 20), "b.npy": array(10 << 20), "c.npy": array(10 << 20) }, true);
    expect(zip.length).toBeLessThan(200_000);
    const before = process.memoryUsage().arrayBuffers;
    const file = await openNpz(bytesInMemory("bomb.npz", zip));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 << 20);
    expect(file.shape("c")).toEqual([10 << 20]);
    expect((await file.rows("a", 0, 2)).length).toBe(2);
    await expect(file.rows("b", 0, 2)).rejects.toMatchObject({
      code: "MODX_TENSORS_DAMAGED",
      message: expect.stringContaining("allowed"),
    });
    // what is there already costs nothing more
    expect((await file.rows("a", 5, 2)).length).toBe(2);
  });

  it("is no file of torch's where its pickle is too long, and that is not unpacked", async () => {
    const zip = zipOf({ "a/data.pkl": Buffer.alloc((64 << 20) + 1) }, true);
    const before = process.memoryUsage().arrayBuffers;
    await expect(openTorch(bytesInMemory("bomb.pt", zip))).rejects.toMatchObject({ code: "MODX_TENSORS_DAMAGED" });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 << 20);
  });
});

/** A zip archive of these files, stored as they are or packed. */
function zipOf(files: Record<string, Buffer>, packed = false): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, content] of Object.entries(files)) {
    const bytes = packed ? deflateRawSync(content) : content;
    const local = Buffer.alloc(30 + name.length);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    local.write(name, 30);
    const entry = Buffer.alloc(46 + name.length);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(packed ? 8 : 0, 10);
    entry.writeUInt32LE(bytes.length, 20);
    entry.writeUInt32LE(content.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(at, 42);
    entry.write(name, 46);
    parts.push(local, bytes);
    directory.push(entry);
    at += local.length + bytes.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, entries, end]);
}

const ROUNDS = 12_500;

describe("a file of tensors that is damaged", () => {
  const names = readdirSync(FIXTURES).filter((name) => formatOf(name) in FORMATS);
  it.each(names)(
    `%s: ${ROUNDS} mutations give tensors or a coded error`,
    async (name) => {
      const original = readFileSync(join(FIXTURES, name));
      const random = randomBelow(7);
      let refused = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const bytes = mutate(original, random);
        try {
          const file = await FORMATS[formatOf(name)](bytesInMemory(`round ${round}`, bytes));
          for (const tensor of file.names) await file.rows(tensor);
        } catch (error) {
          if (!(error instanceof ModxError)) throw new Error(`round ${round}`, { cause: error });
          refused += 1;
        }
      }
      expect(refused).toBeGreaterThan(ROUNDS / 10);
    },
    240_000,
  );
});
