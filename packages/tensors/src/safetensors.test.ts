import { ModxError } from "@modx/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesInMemory } from "./bytes/byte-source.ts";
import { openSafetensors } from "./file/safetensors-file.ts";
import { fromHalf, toHalf } from "./half.ts";
import { readSafetensors, type Tensor, writeSafetensors } from "./safetensors.ts";

const example: ReadonlyMap<string, Tensor> = new Map([
  ["rows", { dtype: "F32", shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-9, 7) }],
  ["halves", { dtype: "F16", shape: [3], data: Float32Array.of(0.5, -1024, 65504) }],
  ["tokens", { dtype: "I32", shape: [2], data: Int32Array.of(-1, 49151) }],
]);

describe("half precision", () => {
  it("gives back every half that it is given", () => {
    for (let half = 0; half < 65536; half++) {
      const value = fromHalf(half);
      if (!Number.isNaN(value)) expect(toHalf(value)).toBe(half);
    }
  });

  it("rounds to the nearest half", () => {
    fc.assert(
      fc.property(fc.float({ min: -65000, max: 65000, noNaN: true }), (value) => {
        const half = toHalf(value);
        const error = Math.abs(fromHalf(half) - value);
        for (const neighbour of [half - 1, half + 1]) {
          const other = fromHalf(neighbour & 0xffff);
          if (Number.isFinite(other)) expect(error).toBeLessThanOrEqual(Math.abs(other - value));
        }
      }),
    );
  });
});

describe("safetensors", () => {
  it("gives back what was written, from a buffer at any alignment", () => {
    const bytes = writeSafetensors(example);
    const shifted = Buffer.concat([Buffer.from([0]), bytes]).subarray(1);
    expect(readSafetensors(shifted)).toEqual(new Map(example));
  });

  it("refuses tensors that share bytes, which would be copied once for each", async () => {
    const places = { a: [0, 8], b: [8, 12], none: [4, 4], c: [4, 12] };
    const file = (names: readonly (keyof typeof places)[]): Buffer => {
      const entry = (name: keyof typeof places): object => {
        const [start = 0, end = 0] = places[name];
        return { dtype: "F32", shape: [(end - start) / 4], data_offsets: [start, end] };
      };
      const header = Buffer.from(JSON.stringify(Object.fromEntries(names.map((name) => [name, entry(name)]))));
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(header.length));
      return Buffer.concat([length, header, Buffer.alloc(12)]);
    };
    const [apart, shared] = [file(["b", "a", "none"]), file(["a", "b", "c"])];
    expect([...readSafetensors(apart).keys()]).toEqual(["b", "a", "none"]);
    expect((await openSafetensors(bytesInMemory("apart", apart))).names).toEqual(["b", "a", "none"]);
    const refused = { code: "MODX_TENSORS_DAMAGED", message: expect.stringContaining("share bytes") };
    expect(() => readSafetensors(shared)).toThrow(expect.objectContaining(refused));
    await expect(openSafetensors(bytesInMemory("shared", shared))).rejects.toMatchObject(refused);
  });

  it("refuses every truncation", () => {
    const bytes = writeSafetensors(example);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readSafetensors(bytes.subarray(0, length))).toThrow(
        expect.objectContaining({ code: "MODX_TENSORS_DAMAGED" }),
      );
    }
  });

  it("answers any mutation with tensors or a coded error", () => {
    const bytes = writeSafetensors(example);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const mutated = Uint8Array.from(bytes);
        mutated[at] = value;
        try {
          readSafetensors(mutated);
        } catch (error) {
          expect(ModxError.isInstance(error)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
