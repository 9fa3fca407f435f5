import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Keep, keepIn } from "./kept-results.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "modx-kept-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const files = (): string[] => readdirSync(folder).map((name) => join(folder, name));

/** Asks for each of the keys; returns those that had to be made. */
async function made(keep: Keep, keys: readonly unknown[]): Promise<unknown[]> {
  const anew: unknown[] = [];
  for (const key of keys)
    await keep(key, async () => {
      anew.push(key);
      return { of: key };
    });
  return anew;
}

describe("kept results", () => {
  it("are found by the next run, and made once", async () => {
    expect(await made(keepIn(folder, { model: "a" }), ["x", "y"])).toEqual(["x", "y"]);
    const again = keepIn(folder, { model: "a" });
    expect(await made(again, ["y", "z", "x"])).toEqual(["z"]);
    expect(await again("x", async () => ({ of: "none" }))).toEqual({ of: "x" });
  });

  it("are on the disk as soon as they are there, whatever comes after", async () => {
    const keep = keepIn(folder, {});
    await keep("x", async () => 1);
    await expect(keep("y", () => Promise.reject(new Error("killed")))).rejects.toThrow("killed");
    expect(await made(keepIn(folder, {}), ["x", "y"])).toEqual(["y"]);
  });

  it("keep numbers to the last bit, infinite ones and absent ones too", async () => {
    const value = {
      peaks: { a: Number.NEGATIVE_INFINITY, b: 0.1 + 0.2, c: Number.POSITIVE_INFINITY, d: Number.NaN },
      courses: [null, -1e-300],
      text: "-Infinity\n\u2028",
      floats: Float32Array.of(0.1, Number.NaN, -0, 1e38).subarray(1),
    };
    await keepIn(folder, {})("x", async () => value);
    expect(await keepIn(folder, {})("x", async () => null)).toEqual(value);
  });

  it("are found in a file of many, whatever their length", async () => {
    const keep = keepIn(folder, {});
    const values = [3, 1 << 20, 0, (1 << 21) - 90, 70, 5].map((length) => "é".repeat(length));
    for (const [key, value] of values.entries()) await keep(key, async () => value);
    const again = keepIn(folder, {});
    for (const [key, value] of values.entries()) expect(await again(key, async () => "anew")).toBe(value);
  });

  it("are of one setting each", async () => {
    await made(keepIn(folder, { length: 64 }), ["x"]);
    expect(await made(keepIn(folder, { length: 32 }), ["x"])).toEqual(["x"]);
    expect(await made(keepIn(folder, { length: 64 }), ["x"])).toEqual([]);
    expect(files()).toHaveLength(2);
  });

  it("are made anew where a line was cut while it was written, wherever it was cut", async () => {
    await made(keepIn(folder, {}), ["x", "y"]);
    const [file = ""] = files();
    const whole = readFileSync(file).length;
    const last = whole - 1 - readFileSync(file, "utf8").trimEnd().lastIndexOf("\n");
    for (let cut = 2; cut < last; cut += 7) {
      truncateSync(file, readFileSync(file).length - cut);
      expect(await made(keepIn(folder, {}), ["x", "y"])).toEqual(["y"]);
      expect(await made(keepIn(folder, {}), ["x", "y"])).toEqual([]);
    }
  });
});
