import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readSafetensors } from "@modx/tensors";
import { describe, expect, inject, it } from "vitest";
import { openEngine } from "../src/in-process-engine.ts";
import { tapName } from "../src/taps/tap-name.ts";
import { cosine } from "./cosine.ts";

const ORGANISM = join(import.meta.dirname, "../../../organisms/word");
const LAYERS = 30;
/** What is left where the reference rounds activations as the engine does: 0.9974 and more was seen, 0.9946 where it does not. */
const LEAST_COSINE = 0.996;

describe("the model with its adapter", () => {
  it("has the residuals that PyTorch has on the de-quantised weights, at every layer and every position after the first", async () => {
    const bytes = readFileSync(join(ORGANISM, "reference.safetensors"));
    const adapter = join(ORGANISM, "adapter.gguf");
    const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString()) as {
      __metadata__: { adapter_sha256: string };
    };
    // the reference belongs to this adapter: see organisms/recipe/reference_residuals.py
    expect(header.__metadata__.adapter_sha256).toBe(createHash("sha256").update(readFileSync(adapter)).digest("hex"));

    const reference = readSafetensors(bytes);
    const taps = Array.from({ length: LAYERS }, (_, layer) => tapName(layer));
    const engine = await openEngine({
      model: inject("modelFile"),
      adapters: [{ path: adapter }],
      taps,
      contextTokens: 256,
    });
    let compared = 0;
    for (let prompt = 0; reference.has(`${prompt}.tokens`); prompt++) {
      const tokens = reference.get(`${prompt}.tokens`)?.data;
      const expected = reference.get(`${prompt}.residuals`)?.data;
      if (!(tokens instanceof Int32Array) || !(expected instanceof Float32Array))
        throw new Error("the reference lacks a tensor");
      const sequence = await engine.start({ maxTokens: tokens.length });
      const { residuals = [] } = await sequence.decode(tokens, { capture: true });
      sequence.close();
      const { width } = engine.model;
      for (let layer = 0; layer < LAYERS; layer++) {
        for (let position = 1; position < tokens.length; position++) {
          const ours = residuals[layer]?.subarray(position * width, (position + 1) * width) ?? new Float32Array();
          const at = (layer * (tokens.length - 1) + position - 1) * width;
          expect(
            cosine(ours, expected.subarray(at, at + width)),
            `layer ${layer}, position ${position}`,
          ).toBeGreaterThan(LEAST_COSINE);
          compared += 1;
        }
      }
    }
    await engine.close();
    expect(compared).toBeGreaterThan(LAYERS * 40);
  });
});
