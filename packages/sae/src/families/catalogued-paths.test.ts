import type { Tensor } from "@modx/tensors";
import { describe, expect, it } from "vitest";
import { catalogueEntries } from "../catalogue/catalogue.ts";
import { openSae } from "../open-sae.ts";
import { memoryFolder } from "../testing/memory-folder.ts";
import { aboutPath } from "./gemma-path.ts";

const tensor = (...shape: number[]): Tensor => ({
  dtype: "F32",
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
});

/* What is said by paths alone is said by every path that is known. */
describe("paths of the catalogue", () => {
  it("say the block of each of Gemma Scope's", () => {
    const own = catalogueEntries().filter(({ family }) => family.startsWith("gemma-scope"));
    expect(own.length).toBeGreaterThan(1000);
    for (const { repo, path, layer, hook, id } of own)
      expect(aboutPath(`${repo}/${path}`), id).toMatchObject({ layer, hook });
  });

  it.each([
    ["qwen-scope", "W_enc"],
    ["goodfire", "encoder_linear.weight"],
    ["deepseek-r1", "encoder.weight"],
  ])("say the block of each of %s", async (family, encoder) => {
    const own = catalogueEntries().filter((entry) => entry.family === family);
    expect(own).not.toEqual([]);
    const weights = new Map([[encoder, tensor(128, 4)]]);
    for (const { repo, path, layer, l0, id } of own) {
      const { family: found, about } = await openSae(memoryFolder(repo, {}, { [path]: weights }));
      expect(found.name, id).toBe(family);
      expect(about, id).toMatchObject({ layer, ...(l0 !== null && { l0 }) });
    }
  });
});
