import { type Engine, openEngine, tapName } from "@modx/engine";
import { checkPolicy, type Guard, generate, openGuard } from "@modx/guard";
import type { QuarantinedFeature } from "@modx/pack";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { measureTails, tailsOf } from "../src/calibrate/feature-tails.ts";
import { randomSource } from "../src/stats/bootstrap.ts";
import { listedFeatures } from "./listed-features.ts";

const TOKENS = 12;
const [WIDTH, MINIMUM] = [3, 2];
const ROWS = ["f0", "f1"];
const BENIGN = ["How do bees make honey?", "What is a haiku?", "Name a river in Spain.", "Why is the sky blue?"].map(
  (text, i) => ({ id: `b${i}`, text, label: "benign" as const, source: "s" }),
);

type Activation = QuarantinedFeature["activation"];
const listed = (row: string, label: string, activation: Activation): QuarantinedFeature => ({
  row,
  label,
  activation,
  tail: null,
});

const SPEC = listedFeatures(
  // labels that are equal, look like places or are not there, and a row that is listed twice
  [
    listed("f0", "1", { kind: "linear" }),
    listed("f1", "same", { kind: "linear" }),
    listed("f1", "same", { kind: "jumprelu", threshold: 13 }),
    listed("f0", "", { kind: "relu" }),
  ],
  { width: WIDTH, minimum: MINIMUM },
);

const activity: ((reading: number) => number)[] = [
  (reading) => reading,
  (reading) => reading,
  (reading) => (reading > 13 ? reading : 0),
  (reading) => Math.max(0, reading),
];

describe("the tails of listed features", () => {
  let engine: Engine;
  let guard: Guard;

  beforeAll(async () => {
    engine = await openEngine({ model: inject("modelFile"), taps: [tapName(14)], sequences: 2, contextTokens: 128 });
    const files = { modelSha256: "0".repeat(64), adapters: [] };
    guard = await openGuard({ engine, packs: [], files, policy: checkPolicy("log") });
    const random = randomSource(3);
    const rows = ROWS.map((name) => ({
      name,
      weights: Float32Array.from({ length: engine.model.width }, () => 0.3 * (random() - 0.5)),
      bias: 0.4,
    }));
    await engine.bind([{ tap: tapName(14), rows }]);
  });
  afterAll(() => engine.close());

  it("are what the readings of benign answers say, of each feature by itself", async () => {
    const peaks: number[][] = SPEC.features.map(() => []);
    for (const { text } of BENIGN) {
      const readings: Float32Array[] = [];
      for await (const event of generate(guard, { messages: [{ role: "user", content: text }], maxTokens: TOKENS }))
        if (event.type === "token") readings.push(Float32Array.from(event.readings));
      for (const [i, { row }] of SPEC.features.entries()) {
        const active = readings.map((reading) => activity[i]?.(reading[ROWS.indexOf(row)] ?? Number.NaN) ?? Number.NaN);
        const means = active.flatMap((_, at) => {
          const window = active.slice(Math.max(0, at + 1 - WIDTH), at + 1);
          return at + 1 < MINIMUM ? [] : [window.reduce((sum, value) => sum + value, 0) / window.length];
        });
        peaks[i]?.push(Math.max(...means));
      }
    }
    const expected = tailsOf(peaks);
    const [measured] = await measureTails(guard, [SPEC], BENIGN, TOKENS);
    if (measured?.algorithm !== "feature-list") throw new Error("another detector");
    for (const [i, { tail }] of measured.features.entries()) {
      expect(tail?.floor).toBeCloseTo(expected[i]?.floor ?? Number.NaN, 3);
      expect(tail?.scale).toBeCloseTo(expected[i]?.scale ?? Number.NaN, 3);
    }
    expect(new Set(measured.features.map(({ tail }) => tail?.floor)).size).toBeGreaterThan(2);
  });
});
