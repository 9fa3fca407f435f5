import { expect, it } from "vitest";
import { randomSource } from "../testing/random-source.ts";
import { plainProjector } from "./project.ts";

const random = randomSource(3);

it.each([
  [1, 1, 1],
  [2, 4, 8],
  [5, 7, 3],
  [3, 6, 33],
  [4, 0, 5],
  [0, 4, 5],
])("multiplies %d rows with %d inputs of width %d", (n, t, width) => {
  const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => random() - 0.5);
  const [rows, inputs] = [numbers(n * width), numbers(t * width)];
  const products = plainProjector(rows, width, inputs);
  expect(products.length).toBe(n * t);
  for (const [at, product] of products.entries()) {
    const [row, input] = [at % n, Math.floor(at / n)];
    let sum = 0;
    for (let i = 0; i < width; i++) sum += (rows[row * width + i] ?? 0) * (inputs[input * width + i] ?? 0);
    expect(product).toBeCloseTo(sum, 6);
  }
});
