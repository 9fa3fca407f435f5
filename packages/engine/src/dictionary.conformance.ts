import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Decoded, Engine } from "./engine.ts";
import type { EngineOptions } from "./in-process-engine.ts";
import type { ActiveFeatures, Dictionary } from "./readout/dictionary.ts";
import { tapName } from "./taps/tap-name.ts";

const TAPS = [tapName(9), tapName(20)];
const FEATURES = 1536;
const WIDTH = 576;
const K = 24;
/** Pre-activations this near to where the decision falls may fall either way: sums are added up in another order. */
const NEAR = 2e-3;

/** What every implementation's dictionaries must find, on a real model of width 576. `half` rounds to half precision. */
export function dictionaryConformance(
  open: (options: Omit<EngineOptions, "model">) => Promise<Engine>,
  half: (value: number) => number,
): void {
  describe("the active features of a dictionary", () => {
    let engine: Engine;
    let prompt: Int32Array;
    const [threshold, top] = [dictionary(1, 0), dictionary(2, 1)];
    beforeAll(async () => {
      // a prompt takes several passes
      engine = await open({ taps: TAPS, sequences: 3, contextTokens: 512, batchTokens: 32 });
      ({ tokens: prompt } = await engine.prompt([
        { role: "user", content: "Why does a lighthouse have a light? ".repeat(4) },
      ]));
      await setThresholds();
      await engine.bind([], [threshold, top]);
    });
    afterAll(() => engine.close());

    /** So that about fifty features are active in a token. */
    async function setThresholds(): Promise<void> {
      const { residuals } = await read();
      const all: number[] = [];
      for (let token = 1; token < prompt.length; token++)
        all.push(...preActivations(threshold, residualAt(residuals, 0, token)));
      all.sort((a, b) => b - a);
      const cut = all[50 * (prompt.length - 1)] ?? 0;
      if (threshold.active.rule === "threshold") threshold.active.thresholds.fill(cut);
      for (const [i, bias] of threshold.bias.entries()) threshold.bias[i] = bias + (i % 3 === 0 ? 0.1 : 0);
    }

    async function read(): Promise<Decoded> {
      const sequence = await engine.start({ maxTokens: prompt.length });
      try {
        return await sequence.decode(prompt, { capture: true });
      } finally {
        sequence.close();
      }
    }

    it("are those above their threshold, with the values that the rows give on the residual", async () => {
      const { residuals, features = [] } = await read();
      let active = 0;
      for (let token = 1; token < prompt.length; token++) {
        const exact = preActivations(threshold, residualAt(residuals, 0, token));
        const found = foundAt(features[0], token);
        active += found.size;
        const limits = threshold.active.rule === "threshold" ? threshold.active.thresholds : new Float32Array();
        for (const [feature, value] of exact.entries()) {
          const limit = limits[feature] ?? 0;
          if (Math.abs(value - limit) > NEAR * Math.abs(limit)) expect(found.has(feature)).toBe(value > limit);
        }
        for (const [feature, value] of found)
          expect(Math.abs(value - (exact[feature] ?? 0))).toBeLessThan(NEAR * Math.abs(value));
      }
      const mean = active / (prompt.length - 1);
      expect(mean).toBeGreaterThan(20);
      expect(mean).toBeLessThan(120);
    });

    it("are the k largest, in ascending order, where the dictionary keeps the largest", async () => {
      const { residuals, features = [] } = await read();
      for (let token = 1; token < prompt.length; token++) {
        const exact = preActivations(top, residualAt(residuals, 1, token));
        const found = foundAt(features[1], token);
        const sorted = [...exact].sort((a, b) => b - a);
        const bar = sorted[K - 1] ?? 0;
        expect(found.size).toBe(sorted.slice(0, K).filter((value) => value > 0).length);
        expect([...found.keys()]).toEqual([...found.keys()].sort((a, b) => a - b));
        for (const feature of found.keys()) expect(exact[feature]).toBeGreaterThanOrEqual(bar - NEAR * Math.abs(bar));
      }
    });

    it("are none at position 0, and the same whatever the prompt was cut into and whoever shares the pass", async () => {
      const whole = (await read()).features ?? [];
      expect(foundAt(whole[0], 0).size + foundAt(whole[1], 0).size).toBe(0);
      const byToken = async (): Promise<ActiveFeatures[]> => {
        const sequence = await engine.start({ maxTokens: prompt.length });
        const found: ActiveFeatures[] = [];
        for (const token of prompt) found.push((await sequence.decode(Int32Array.of(token))).features?.[0] ?? empty());
        sequence.close();
        return found;
      };
      const company = await Promise.all([byToken(), byToken(), byToken()]);
      let differing = 0;
      for (const alone of company)
        for (const [token, one] of alone.entries()) {
          const expected = foundAt(whole[0], token);
          const found = foundAt(one, 0);
          for (const feature of new Set([...expected.keys(), ...found.keys()]))
            if (expected.has(feature) !== found.has(feature)) differing += 1;
        }
      // at the threshold itself rounding decides
      expect(differing / company.length).toBeLessThan(prompt.length / 4);
    });

    it("come with passes that begin before they are asked for", async () => {
      const generate = async (ahead: boolean): Promise<number[][]> => {
        const sequence = await engine.start({ maxTokens: prompt.length + 8 });
        let decoded = await sequence.decode(prompt, { sample: true, ahead });
        const found: number[][] = [];
        for (let i = 0; i < 8; i++) {
          decoded = await sequence.decode(Int32Array.of(decoded.next ?? 0), { sample: true, ahead });
          found.push([...(decoded.features?.[0]?.features ?? [])]);
        }
        sequence.close();
        return found;
      };
      const plain = await generate(false);
      expect(plain.every((features) => features.length > 0)).toBe(true);
      expect(await generate(true)).toEqual(plain);
    });

    it.each<[string, Partial<Dictionary>]>([
      ["another width", { encoder: new Float32Array(10) }],
      ["a tap that is not there", { tap: tapName(3) }],
      ["a value that is not finite", { bias: new Float32Array(FEATURES).fill(Number.NaN) }],
      ["too few thresholds", { active: { rule: "threshold", thresholds: new Float32Array(3) } }],
      ["more to keep than there are", { active: { rule: "topk", k: FEATURES + 1 } }],
    ])("of %s are refused", async (_, change) => {
      await expect(engine.bind([], [{ ...threshold, ...change }])).rejects.toMatchObject({
        code: "MODX_ENGINE_ARGUMENT",
      });
    });
  });

  function dictionary(seed: number, tap: number): Dictionary {
    let state = seed;
    const next = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 31 - 1;
    };
    return {
      tap: TAPS[tap] ?? tapName(0),
      encoder: Float32Array.from({ length: FEATURES * WIDTH }, next),
      bias: Float32Array.from({ length: FEATURES }, next),
      active: tap === 0 ? { rule: "threshold", thresholds: new Float32Array(FEATURES) } : { rule: "topk", k: K },
    };
  }

  function residualAt(residuals: Float32Array[] | undefined, tap: number, token: number): Float32Array {
    return residuals?.[tap]?.subarray(token * WIDTH, (token + 1) * WIDTH) ?? new Float32Array(WIDTH);
  }

  /** With the rows in half precision, as they are kept. */
  function preActivations({ encoder, bias }: Dictionary, residual: Float32Array): Float64Array {
    halves ??= new Map();
    let rows = halves.get(encoder);
    if (rows === undefined) {
      rows = Float32Array.from(encoder, half);
      halves.set(encoder, rows);
    }
    const values = Float64Array.from(bias);
    for (const feature of values.keys())
      for (let i = 0; i < WIDTH; i++)
        values[feature] = (values[feature] ?? 0) + (rows[feature * WIDTH + i] ?? 0) * (residual[i] ?? 0);
    return values;
  }
  let halves: Map<Float32Array, Float32Array> | undefined;

  function foundAt(active: ActiveFeatures | undefined, token: number): Map<number, number> {
    const { starts, features, values } = active ?? empty();
    const [from = 0, to = 0] = [starts[token], starts[token + 1]];
    return new Map(Array.from(features.subarray(from, to), (feature, i) => [feature, values[from + i] ?? 0]));
  }

  function empty(): ActiveFeatures {
    return { starts: new Uint32Array(2), features: new Uint32Array(), values: new Float32Array() };
  }
}
