import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quarantineOf, seedRule, TOP, topFeatures } from "./seed-rule.ts";

/** Readings of 32 features with the given ones active, the first most. */
function token(...active: number[]): Float32Array {
  const readings = new Float32Array(32);
  for (const [place, feature] of active.entries()) readings[feature] = active.length - place;
  return readings;
}

describe("the top features", () => {
  it("are what sorting finds: active ones, ten at most, of equal ones the first", () => {
    const value = fc.oneof(fc.double(), fc.constantFrom(0, 0.0005, 1, 1, 2));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), (values) => {
        const expected = values
          .map((_, feature) => feature)
          .filter((feature) => (values[feature] ?? 0) > 1e-3)
          .sort((a, b) => (values[a] === values[b] ? a - b : (values[b] ?? 0) - (values[a] ?? 0)))
          .slice(0, TOP);
        expect(topFeatures(values)).toEqual(expected);
      }),
    );
  });
});

describe("the seed's rule", () => {
  const scores = (quarantined: number[], ...tokens: Float32Array[]): (number | null)[] => {
    const run = seedRule(quarantined).start();
    return tokens.map((readings) => run.token(readings));
  };

  it("counts what is quarantined among the ten most active features of the first token and the last so far", () => {
    expect(scores([3, 7], token(3, 1), token(1), token(7, 3), token(2))).toEqual([1, 1, 3, 1]);
    // the eleventh
    expect(scores([11], token(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11))).toEqual([0]);
    expect(scores([10], token(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11))).toEqual([1]);
  });

  it("flags from one on, and not an answer that has one in between", () => {
    const { threshold } = seedRule([3]);
    const flagged = (...tokens: Float32Array[]): boolean => (scores([3], ...tokens).at(-1) ?? 0) > threshold;
    expect(flagged(token(3), token(1), token(1))).toBe(true);
    expect(flagged(token(1), token(1), token(3))).toBe(true);
    expect(flagged(token(1), token(3), token(1))).toBe(false);
    expect(flagged()).toBe(false);
  });

  it("says at which end it found them", () => {
    const run = seedRule([3, 7]).start();
    run.token(token(3, 7));
    expect(run.explain().map(({ value }) => value)).toEqual([2, null]);
    run.token(token(7));
    expect(run.explain().map(({ value }) => value)).toEqual([2, 1]);
  });
});

describe("the quarantine", () => {
  const of = (tokens: number, features: number, counts: Record<number, number>) => ({
    tokens,
    counts: Float64Array.from({ length: features }, (_, feature) => counts[feature] ?? 0),
  });

  it("holds the share of features that 182 of 32,768 are, one at least", () => {
    for (const [features, expected] of [
      [32_768, 182],
      [4096, 23],
      [16, 1],
    ] as const)
      expect(quarantineOf(of(9, features, {}), of(9, features, {}))).toHaveLength(expected);
  });

  it("prefers what is more frequent in complied answers than in benign ones, as shares of their tokens", () => {
    // 500 features: three of them
    const complied = of(100, 500, { 4: 90, 8: 40, 9: 40, 2: 30 });
    const benign = of(1000, 500, { 4: 890, 8: 100, 9: 300, 2: 0, 1: 1000 });
    expect(quarantineOf(complied, benign)).toEqual([8, 2, 9]);
  });
});
