import { describe, expect, it } from "vitest";
import { fitProbe, meanDifference, type ProbeExample, readProbe } from "./probe.ts";

/** 60 examples, three taps of width 4: tap 1 tells the classes apart along coordinate 2, on a large constant offset. */
function examples(): ProbeExample[] {
  let state = 1;
  const noise = (): number => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647 - 0.5;
  };
  return Array.from({ length: 60 }, (_, index) => {
    const positive = index % 2 === 0;
    const residual = Float32Array.from({ length: 12 }, (_, i) => 500 + 100 * noise() + (i === 6 && positive ? 150 : 0));
    return { residual, positive, weight: 1 };
  });
}

const SHAPE = { width: 4, taps: [1], penalty: 0.01 };

describe("a probe", () => {
  it("reads the raw residual, at the taps it was made for", () => {
    const set = examples();
    const probe = fitProbe(set, SHAPE);
    const right = set.filter(({ residual, positive }) => readProbe(probe, residual) > 0 === positive).length;
    expect(right).toBeGreaterThan(55);
    const elsewhere = fitProbe(set, { ...SHAPE, taps: [0] });
    expect(set.filter(({ residual, positive }) => readProbe(elsewhere, residual) > 0 === positive).length).toBeLessThan(
      50,
    );
  });

  it("does not depend on a coordinate's offset and scale", () => {
    const set = examples();
    const moved = set.map((example) => ({ ...example, residual: example.residual.map((value) => 3 * value - 7000) }));
    const [a, b] = [fitProbe(set, SHAPE), fitProbe(moved, SHAPE)];
    set.forEach((example, index) => {
      expect(readProbe(b, moved[index]?.residual ?? new Float32Array())).toBeCloseTo(readProbe(a, example.residual), 2);
    });
  });

  it("does not look along a direction that it must not", () => {
    const set = examples();
    const without = meanDifference(set, SHAPE);
    const probe = fitProbe(set, { ...SHAPE, without });
    const right = set.filter(({ residual, positive }) => readProbe(probe, residual) > 0 === positive).length;
    expect(right).toBeLessThan(50);
  });
});
