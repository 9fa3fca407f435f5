import { describe, expect, it } from "vitest";
import type { Sae } from "../form/sae.ts";
import { randomSource } from "../testing/random-source.ts";
import { check } from "./verdict.ts";

/* A dictionary of which residuals are really made: four of 512 directions each, some noise, and a mean. */
const [WIDTH, FEATURES, ACTIVE] = [256, 512, 4];
const random = randomSource(9);
const normal = (): number => random() + random() + random() + random() - 2;
const directions = Array.from({ length: FEATURES }, () => {
  const row = Array.from({ length: WIDTH }, normal);
  const length = Math.hypot(...row);
  return row.map((value) => value / length);
});
const mean = Array.from({ length: WIDTH }, () => 2 * normal());

function residual(): number[] {
  const out = mean.map((value) => value + 0.05 * normal());
  for (let i = 0; i < ACTIVE; i++) {
    const row = directions[Math.floor(random() * FEATURES)] ?? [];
    const size = 6 + 4 * random();
    for (let k = 0; k < WIDTH; k++) out[k] = (out[k] ?? 0) + size * (row[k] ?? 0);
  }
  return out;
}
const texts = Array.from({ length: 8 }, () => Float32Array.from(Array.from({ length: 20 }, residual).flat()));

/** Reads them by the directions themselves: what is not active is below the threshold by a wide margin. */
function dictionary(): Sae {
  const encoder = Float32Array.from(directions.flat());
  const bias = Float32Array.from(directions, (row) => -row.reduce((sum, value, i) => sum + value * (mean[i] ?? 0), 0));
  return {
    width: WIDTH,
    features: FEATURES,
    input: "raw",
    encoder,
    bias,
    decoder: encoder.slice(),
    decoderBias: Float32Array.from(mean),
    active: { rule: "threshold", thresholds: new Float32Array(FEATURES).fill(4) },
  };
}

describe("a check on residuals", () => {
  it("finds nothing wrong where the dictionary is read rightly", () => {
    const { status, figures, cause } = check(dictionary(), texts, ACTIVE);
    expect({ status, cause }).toEqual({ status: "ok", cause: null });
    expect(figures.tokens).toBe(8 * 19);
    expect(figures.l0).toBeGreaterThan(ACTIVE / 2);
    expect(figures.fvu).toBeLessThan(0.5);
    // so few tokens leave out a feature by chance: (1 - 4/512)^152
    expect(figures.dead).toBeCloseTo((1 - ACTIVE / FEATURES) ** figures.tokens, 1);
  });

  it.each([1.5, 4, 0.25])("says that it is the scale where residuals are read times %f", (factor) => {
    const sae = dictionary();
    const wrong = {
      ...sae,
      encoder: sae.encoder.map((value) => value * factor),
      decoder: sae.decoder.map((value) => value / factor),
      decoderBias: sae.decoderBias.map((value) => value / factor),
    };
    expect(check(wrong, texts, ACTIVE)).toMatchObject({ status: "failed", cause: expect.stringMatching(/scale/) });
  });

  it.each<[string, (sae: Sae) => Sae]>([
    ["no threshold", (sae) => ({ ...sae, active: { rule: "threshold", thresholds: new Float32Array(FEATURES) } })],
    ["rows of other features", (sae) => ({ ...sae, encoder: sae.encoder.slice().reverse() })],
  ])("fails with %s", (_, wrong) => {
    expect(check(wrong(dictionary()), texts, ACTIVE).status).toBe("failed");
  });
});
