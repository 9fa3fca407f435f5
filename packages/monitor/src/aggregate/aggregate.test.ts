import type { Aggregate } from "@modx/pack";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAggregator } from "./aggregate.ts";

function values(spec: Aggregate, readings: readonly number[]): (number | null)[] {
  const aggregator = createAggregator(spec);
  return readings.map((reading) => {
    aggregator.push(reading);
    return aggregator.value;
  });
}

const SPECS: Aggregate[] = [
  { kind: "mean" },
  { kind: "window-mean", width: 3, minimum: 2 },
  { kind: "first-mean", width: 2 },
  { kind: "ema", alpha: 0.25, minimum: 2 },
  { kind: "cusum", drift: 0.5 },
];

describe.each(SPECS)("$kind", (spec) => {
  it("passes over what is not finite", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }), (readings) => {
        const gapped = readings.flatMap((reading) => [Number.NaN, reading, Number.POSITIVE_INFINITY]);
        expect(values(spec, gapped).at(-1)).toEqual(values(spec, readings).at(-1));
      }),
    );
  });

  it.each([3.4028234663852886e38, -3.4028234663852886e38])(
    "comes to the right value after a million readings of %d",
    (reading) => {
      const aggregator = createAggregator(spec);
      for (let i = 0; i < 1e6; i++) aggregator.push(reading);
      const { value } = aggregator;
      const expected = spec.kind === "cusum" ? Math.max(0, 1e6 * reading) : reading;
      expect((value ?? Number.NaN) / (expected || 1)).toBeCloseTo(expected === 0 ? 0 : 1, 9);
    },
  );

  it("has no value before the first reading", () => {
    expect(createAggregator(spec).value).toBeNull();
  });
});

describe("ema", () => {
  it("is the weighted mean with weights that fall off by 1 - alpha", () => {
    const readings = [3, -1, 4, 1, -5];
    const weights = readings.map((_, i) => 0.75 ** (readings.length - 1 - i));
    const expected =
      readings.reduce((sum, reading, i) => sum + reading * (weights[i] ?? 0), 0) / weights.reduce((a, b) => a + b, 0);
    expect(values({ kind: "ema", alpha: 0.25, minimum: 1 }, readings).at(-1)).toBeCloseTo(expected, 12);
  });

  it("stays at a constant from its first value on", () => {
    expect(values({ kind: "ema", alpha: 0.1, minimum: 2 }, [7, 7, 7])).toEqual([
      null,
      expect.closeTo(7),
      expect.closeTo(7),
    ]);
  });
});

describe("cusum", () => {
  it("adds what exceeds the drift and forgets what lies below zero", () => {
    expect(values({ kind: "cusum", drift: 1 }, [3, 2, -9, 0, 1.5])).toEqual([2, 3, 0, 0, 0.5]);
  });
});
