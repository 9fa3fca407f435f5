import { describe, expect, it } from "vitest";
import { plainProjector } from "../form/project.ts";
import type { Sae } from "../form/sae.ts";
import { planted } from "../testing/planted.ts";
import { randomSource } from "../testing/random-source.ts";
import type { Residuals } from "./residuals.ts";
import { rulesOf } from "./rules.ts";
import { check } from "./verdict.ts";

const { sae, l0, texts: byLayer } = planted();
const texts = byLayer.get(0) ?? [];

describe("a check on residuals", () => {
  it("finds nothing wrong where the dictionary is read rightly", async () => {
    const { status, figures, cause } = await check(sae, texts, { l0 });
    expect({ status, cause }).toEqual({ status: "ok", cause: null });
    expect(figures?.tokens).toBe(10 * 19);
    expect(figures?.l0).toBeGreaterThan(l0 / 2);
    expect(figures?.fvu).toBeLessThan(0.1);
    expect(figures?.firstPosition).toBeGreaterThan(l0 / 2);
    // so few tokens leave out a feature by chance
    expect(figures?.dead).toBeCloseTo((1 - l0 / sae.features) ** (10 * 19), 1);
  });

  it("says the same by any projector, whatever pieces it is given", async () => {
    const calls: number[] = [];
    const counted = async (rows: Float32Array, width: number, inputs: Float32Array): Promise<Float32Array> => {
      calls.push(rows.length / width);
      return plainProjector(rows, width, inputs);
    };
    expect(await check(sae, texts, { l0 }, counted)).toEqual(await check(sae, texts, { l0 }));
    // residuals, those of position 0, and the decoder's bias: nothing is multiplied for each scale that is tried
    expect(calls).toEqual([sae.features, sae.features, sae.features]);
  });

  it.each<[Sae["input"], number, number]>([
    ["centred", 1, 40],
    ["unit-length", 7, 0],
    ["layer-norm", 7, 40],
  ])(
    "gives the same on residuals that the input %s does away with: times %d, plus %d",
    async (input, factor, shift) => {
      const other = texts.map(({ values, from }) => ({ values: values.map((value) => factor * value + shift), from }));
      const [one, two] = [await check({ ...sae, input }, texts, { l0 }), await check({ ...sae, input }, other, { l0 })];
      expect(two.figures?.l0).toBeCloseTo(one.figures?.l0 ?? Number.NaN, 2);
      expect(two.figures?.fvu).toBeCloseTo(one.figures?.fvu ?? Number.NaN, 3);
    },
  );
});

describe("residuals without position 0", () => {
  const later = texts.map(({ values }): Residuals => ({ values: values.subarray(sae.width), from: 7 }));

  it("give the same figures, and none of position 0", async () => {
    const [whole, rest] = [await check(sae, texts, { l0 }), await check(sae, later, { l0 })];
    expect(rest).toEqual({ ...whole, figures: { ...whole.figures, firstPosition: null } });
  });

  it.each([0, 49])("are too few to check anything where they are %d", async (count) => {
    const values = Float32Array.from(later.flatMap((text) => [...text.values])).subarray(0, count * sae.width);
    const { status, figures, cause, expected } = await check(sae, [{ values, from: 7 }], { l0 });
    expect({ status, figures }).toEqual({ status: "unchecked", figures: null });
    expect(cause).toContain(`${count} positions`);
    expect(expected.l0).toBe(l0);
  });
});

describe("what is read wrongly", () => {
  it("fails without a cause to name where its rows are of other features", async () => {
    const { status, cause } = await check({ ...sae, encoder: sae.encoder.slice().reverse() }, texts, { l0 });
    expect({ status, cause }).toEqual({ status: "failed", cause: expect.stringContaining("unexplained") });
  });

  it("fails by its number of active features where one is published", async () => {
    expect((await check(sae, texts, { l0: 3 * l0 })).cause).toContain("features are active in a token");
    expect((await check(sae, texts, { l0: null })).status).toBe("ok");
  });

  it("fails where a number is not finite", async () => {
    const decoder = sae.decoder.slice().fill(Number.NaN, 0, sae.width);
    expect((await check({ ...sae, decoder }, texts, { l0 })).status).toBe("failed");
  });
});

describe("what is published", () => {
  const noisy = texts.map(({ values, from }) => {
    const random = randomSource(from + 3);
    return { values: values.map((value) => value + 2.6 * (random() + random() - 1)), from };
  });

  it("limits what may be left unexplained: by more or less than where nothing is", async () => {
    const left = (await check(sae, noisy, { l0: null })).figures?.fvu ?? Number.NaN;
    expect(left).toBeGreaterThan(0.4);
    expect(left).toBeLessThan(0.6);
    expect((await check(sae, noisy, { l0, explained: 0.99 })).cause).toContain("unexplained");
    expect((await check(sae, noisy, { l0, explained: 0.5 })).status).toBe("ok");
    expect(rulesOf({ l0, explained: 0.99 }).fvu).toBe(0.4);
    expect(rulesOf({ l0, explained: 0.5 }).fvu).toBe(0.75);
    expect(rulesOf({ l0, explained: null }).fvu).toBe(0.6);
  });

  it("does not fail what explains as little as it was published with, but what explains still less", async () => {
    // decoded so much too large that the mean would do better
    const worse = { ...sae, decoder: sae.decoder.map((value) => 2.3 * value) };
    const { status, figures, expected } = await check(worse, texts, { l0, explained: -0.85 });
    expect(figures?.fvu).toBeGreaterThan(1);
    expect({ status, expected }).toEqual({ status: "ok", expected: { l0, fvu: 1.5 * 1.85 } });
    expect((await check(worse, texts, { l0 })).status).toBe("failed");
    const worst = { ...sae, decoder: sae.decoder.map((value) => 4 * value) };
    expect((await check(worst, texts, { l0, explained: -0.85 })).status).toBe("failed");
  });

  it("allows fewer active features where the number is training's, and not more", async () => {
    const [many, few] = [
      { l0: 4 * l0, l0OfTraining: true },
      { l0: l0 / 4, l0OfTraining: true },
    ];
    expect((await check(sae, texts, { l0: 4 * l0 })).cause).toContain("features are active in a token");
    expect((await check(sae, texts, many)).status).toBe("ok");
    expect((await check(sae, texts, few)).cause).toContain("features are active in a token");
  });
});
