import { expect, it } from "vitest";
import { planted } from "../testing/planted.ts";
import { encode } from "./encode.ts";
import { encodeAll } from "./encode-all.ts";

it.each(["threshold", "topk"] as const)("finds the features that one position at a time has, by %s", async (rule) => {
  const { sae, texts } = planted([0], rule);
  const values = texts.get(0)?.[0]?.values ?? new Float32Array();
  const codes = await encodeAll(sae, values);
  expect(codes).toHaveLength(values.length / sae.width);
  for (const [position, code] of codes.entries()) {
    const alone = encode(sae, values.subarray(position * sae.width, (position + 1) * sae.width));
    expect(code.features).toEqual(alone.features);
    expect(code.features.length).toBeGreaterThan(0);
    for (const [i, value] of code.values.entries()) expect(value).toBeCloseTo(alone.values[i] ?? 0, 3);
  }
});
