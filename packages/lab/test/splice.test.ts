import { type Engine, openEngine, tapName } from "@modx/engine";
import type { Sae } from "@modx/sae";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { lossRecovered } from "../src/splice/loss-recovered.ts";

const [WIDTH, LAYER] = [576, 15];

/** Features for both signs of every axis, which together say the residual exactly; with `keep` only of the first axes. */
function axes(keep: number): Sae {
  const features = 2 * keep;
  const rows = new Float32Array(features * WIDTH);
  for (let i = 0; i < keep; i++) {
    rows[2 * i * WIDTH + i] = 1;
    rows[(2 * i + 1) * WIDTH + i] = -1;
  }
  return {
    width: WIDTH,
    features,
    input: "raw",
    encoder: rows,
    bias: new Float32Array(features),
    decoder: rows,
    decoderBias: new Float32Array(WIDTH),
    active: { rule: "threshold", thresholds: new Float32Array(features) },
  };
}

describe("splicing an autoencoder in", () => {
  let engine: Engine;
  let texts: Int32Array[];
  beforeAll(async () => {
    engine = await openEngine({
      model: inject("modelFile"),
      taps: [tapName(LAYER)],
      sequences: 1,
      contextTokens: 128,
      threads: 1,
      edits: true,
    });
    texts = [await engine.tokenize("The sea is salty because rivers carry salts from the rocks of the land to it.")];
  });
  afterAll(() => engine.close());

  it("costs nothing where it says the residual exactly", async () => {
    const found = await lossRecovered(engine, tapName(LAYER), axes(WIDTH), texts);
    expect(found?.tokens).toBe((texts[0]?.length ?? 0) - 2);
    expect(found?.spliced).toBeCloseTo(found?.clean ?? 0, 2);
    expect(found?.recovered).toBeCloseTo(1, 2);
    expect(found?.zero).toBeGreaterThan((found?.clean ?? 0) + 1);
  });

  it("costs more the less it says", async () => {
    const half = await lossRecovered(engine, tapName(LAYER), axes(WIDTH / 2), texts);
    const none = await lossRecovered(engine, tapName(LAYER), axes(1), texts);
    expect(half?.recovered).toBeLessThan(0.98);
    expect(none?.recovered).toBeLessThan((half?.recovered ?? 0) - 0.02);
  });

  it("is not done where rows alone do not say what is active", async () => {
    const sae: Sae = { ...axes(2), active: { rule: "topk", k: 1 } };
    expect(await lossRecovered(engine, tapName(LAYER), sae, texts)).toBeNull();
  });
});
