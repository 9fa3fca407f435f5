import { expect, it } from "vitest";
import { randomSource } from "../../../testing/random.ts";
import { loadAddon } from "../src/native/load-addon.ts";
import { nativeProjector } from "../src/native/projector.ts";

const random = randomSource(5);
const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => random() - 0.5);

/** [t, n], added up in f64. */
function exact(rows: Float32Array, width: number, inputs: Float32Array): number[] {
  const [n, t] = [rows.length / width, inputs.length / width];
  return Array.from({ length: n * t }, (_, at) => {
    const [row, input] = [at % n, Math.floor(at / n)];
    let sum = 0;
    for (let i = 0; i < width; i++) sum += (rows[row * width + i] ?? 0) * (inputs[input * width + i] ?? 0);
    return sum;
  });
}

it.each([
  [1, 1, 1],
  [2, 4, 16],
  [3, 5, 7],
  [65, 6, 100],
  [200, 9, 576],
])("multiplies %d rows with %d inputs of width %d, wherever the arrays begin", async (n, t, width) => {
  const [rows, inputs] = [numbers(n * width + 3).subarray(3), numbers(t * width + 1).subarray(1)];
  const products = await nativeProjector({ threads: 2 })(rows, width, inputs);
  const expected = exact(rows, width, inputs);
  expect(products.length).toBe(n * t);
  for (const [at, product] of products.entries()) expect(Math.abs(product - (expected[at] ?? 0))).toBeLessThan(1e-4);
});

it("gives the same bits on any number of threads, and whatever else is in the call", async () => {
  const [rows, inputs] = [numbers(131 * 64), numbers(7 * 64)];
  const one = await nativeProjector({ threads: 1 })(rows, 64, inputs);
  expect(await nativeProjector({ threads: 3 })(rows, 64, inputs)).toEqual(one);
  const alone = await nativeProjector()(rows.subarray(130 * 64), 64, inputs.subarray(6 * 64));
  expect(alone[0]).toBe(one.at(-1));
});

it("has nothing to say of nothing", async () => {
  const project = nativeProjector();
  expect(await project(new Float32Array(), 8, numbers(8))).toEqual(new Float32Array());
  expect(await project(numbers(8), 8, new Float32Array())).toEqual(new Float32Array());
});

it("goes on with what it was given when the caller changes it", async () => {
  const [rows, inputs] = [numbers(64 * 64), numbers(64)];
  const expected = exact(rows, 64, inputs);
  const running = nativeProjector()(rows, 64, inputs);
  rows.fill(0);
  const products = await running;
  for (const [at, product] of products.entries()) expect(Math.abs(product - (expected[at] ?? 0))).toBeLessThan(1e-4);
});

it("refuses what does not fit, before anything is computed", async () => {
  const project = nativeProjector();
  const refused = { code: "MODX_ENGINE_ARGUMENT" };
  await expect(project(numbers(9), 4, numbers(4))).rejects.toMatchObject(refused);
  await expect(project(numbers(8), 4, numbers(5))).rejects.toMatchObject(refused);
  for (const width of [0, -1, Number.NaN])
    await expect(project(numbers(8), width, numbers(8))).rejects.toMatchObject(refused);
  for (const threads of [0, 513])
    await expect(nativeProjector({ threads })(numbers(8), 4, numbers(8))).rejects.toMatchObject(refused);
  const native = loadAddon().project as (...values: readonly unknown[]) => Promise<Float32Array>;
  expect(() => native(new Float64Array(8), 4, numbers(8), 1)).toThrow(expect.objectContaining(refused));
  expect(() => native(numbers(8))).toThrow(expect.objectContaining(refused));
});
