import { productsOf } from "../check/products.ts";
import { activeAmong } from "./active.ts";
import { type Projector, plainProjector } from "./project.ts";
import type { Code, Sae } from "./sae.ts";

/** Active features of each of a few raw residuals, [positions, width]; `encode` for many at a time, products in f32. */
export async function encodeAll(
  sae: Sae,
  residuals: Float32Array,
  project: Projector = plainProjector,
): Promise<Code[]> {
  const { width, features, bias, active } = sae;
  const { values: products } = await productsOf(sae, residuals, project);
  const values = new Float64Array(features);
  return Array.from({ length: residuals.length / width }, (_, position) => {
    for (let feature = 0; feature < features; feature++)
      values[feature] = (products[position * features + feature] ?? 0) + (bias[feature] ?? 0);
    const on = activeAmong(active, values);
    return { features: on, values: on.map((feature) => values[feature] ?? 0) };
  });
}
