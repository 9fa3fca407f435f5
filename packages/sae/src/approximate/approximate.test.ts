import { describe, expect, it } from "vitest";
import type { Sae } from "../form/sae.ts";
import { randomSource } from "../testing/random-source.ts";
import { approximateThreshold } from "./approximate.ts";

const [WIDTH, FEATURES, TEXTS, TOKENS] = [16, 64, 12, 40];
const random = randomSource(9);
const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => 2 * random() - 1);

const sae: Sae = {
  width: WIDTH,
  features: FEATURES,
  input: "raw",
  encoder: numbers(FEATURES * WIDTH),
  bias: numbers(FEATURES),
  decoder: numbers(FEATURES * WIDTH),
  decoderBias: new Float32Array(WIDTH),
  active: { rule: "topk", k: 6 },
};
const texts = Array.from({ length: TEXTS }, () => ({ values: numbers(TOKENS * WIDTH), from: 1 }));

describe("a threshold in place of the k largest", () => {
  it("is measured on other texts than it is chosen on, by its own definition", async () => {
    const found = await approximateThreshold(sae, texts);
    if (found === null) throw new Error("nothing found");
    let [both, above, active, tokens] = [0, 0, 0, 0];
    for (const { values } of texts.filter((_, index) => index % 2 === 1))
      for (let position = 0; position < TOKENS; position++) {
        const all = Array.from({ length: FEATURES }, (_, feature) => {
          let sum = sae.bias[feature] ?? 0;
          for (let i = 0; i < WIDTH; i++)
            sum += (sae.encoder[feature * WIDTH + i] ?? 0) * (values[position * WIDTH + i] ?? 0);
          return { feature, sum };
        });
        const largest = [...all].sort((a, b) => b.sum - a.sum).slice(0, 6);
        const over = all.filter(({ sum }) => sum > found.threshold);
        above += over.length;
        active += largest.length;
        both += over.filter(({ feature }) => largest.some((one) => one.feature === feature)).length;
        tokens += 1;
      }
    expect(found.tokens).toBe(tokens);
    expect(found.precision).toBeCloseTo(both / above, 2);
    expect(found.recall).toBeCloseTo(both / active, 2);
    expect(found.precision).toBeGreaterThan(0.6);
    expect(found.recall).toBeGreaterThan(0.6);
  });

  it("is exact where the k largest are above one threshold in every token", async () => {
    const one = Float32Array.from({ length: WIDTH }, (_, i) => (i < 6 ? 5 : 0.1));
    const axes: Sae = {
      ...sae,
      features: WIDTH,
      encoder: Float32Array.from({ length: WIDTH * WIDTH }, (_, at) => (at % (WIDTH + 1) === 0 ? 1 : 0)),
      bias: new Float32Array(WIDTH),
    };
    const same = Array.from({ length: 4 }, () => ({ values: Float32Array.from([...one, ...one]), from: 1 }));
    expect(await approximateThreshold(axes, same)).toMatchObject({ precision: 1, recall: 1, tokens: 4 });
  });

  it("is not found on one text", async () => {
    expect(await approximateThreshold(sae, texts.slice(0, 1))).toBeNull();
  });
});
