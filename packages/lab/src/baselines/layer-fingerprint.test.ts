import { expect, it } from "vitest";
import { randomSource } from "../stats/bootstrap.ts";
import { auroc } from "../stats/ranking.ts";
import { fitFingerprint, strangenessBy } from "./layer-fingerprint.ts";

const WIDTH = 8;
const TAPS = 5;

/** A walk through the layers of ordinary steps, but for one layer where it goes off by `off`. */
function walks(count: number, off: number, seed: number): Float32Array[] {
  const random = randomSource(seed);
  return Array.from({ length: count }, () => {
    const walk = new Float32Array(TAPS * WIDTH);
    for (let tap = 0; tap < TAPS; tap++) {
      for (let i = 0; i < WIDTH; i++) {
        const before = tap === 0 ? 10 * random() : (walk[(tap - 1) * WIDTH + i] ?? 0);
        walk[tap * WIDTH + i] = before + random() - 0.5 + (tap === 3 ? off : 0);
      }
    }
    return walk;
  });
}

it("finds a step that the reference never makes, wherever the walk began", () => {
  const score = strangenessBy(fitFingerprint(walks(200, 0, 1), WIDTH));
  const usual = walks(100, 0, 2).map(score);
  expect(auroc(walks(100, 0.6, 3).map(score), usual)).toBeGreaterThan(0.95);
  expect(Math.abs(auroc(walks(100, 0, 4).map(score), usual) - 0.5)).toBeLessThan(0.15);
});

it("says that it cannot do with one tap or one reference", () => {
  expect(() => fitFingerprint(walks(1, 0, 1), WIDTH)).toThrow(RangeError);
  expect(() => fitFingerprint([new Float32Array(WIDTH), new Float32Array(WIDTH)], WIDTH)).toThrow(RangeError);
});
