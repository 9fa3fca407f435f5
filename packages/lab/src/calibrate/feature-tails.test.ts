import { describe, expect, it } from "vitest";
import { randomSource } from "../stats/bootstrap.ts";
import { tailsOf } from "./feature-tails.ts";

describe("what benign answers reach in a feature", () => {
  const random = randomSource(5);
  const exponential = (scale: number): number[] => Array.from({ length: 4000 }, () => -scale * Math.log(1 - random()));

  it("is found for exponential tails: minus log of the tail's probability is what the excess says", () => {
    const [tail] = tailsOf([exponential(3)]);
    expect(tail?.scale).toBeCloseTo(3, 0);
    expect(tail?.floor).toBeCloseTo(-3 * Math.log(0.05), 0);
  });

  it("gives a silent feature the usual scale of the others, and one without any others a unit", () => {
    const silent = new Array(100).fill(0);
    const tails = tailsOf([exponential(2), silent, exponential(2)]);
    expect(tails[1]?.floor).toBe(0);
    expect(tails[1]?.scale).toBeCloseTo(2, 0);
    expect(tailsOf([silent])).toEqual([{ floor: 0, scale: 1 }]);
    expect(tailsOf([[]])).toEqual([{ floor: 0, scale: 1 }]);
  });
});
