import type { Calibration } from "@modx/pack";
import { describe, expect, it } from "vitest";
import { uncovered } from "./uncovered.ts";

/** As much of a calibration as is looked at. */
const on = (identity: number, length: number): Calibration => ({ identity, length }) as Calibration;
const SPEC = { calibrations: [on(0, 64), on(0, 48), on(1, 32)] };

describe("what a pack's promise does not cover", () => {
  it("is nothing where it is calibrated on the suspect for as long answers", () => {
    expect(uncovered({ level: "calibrated", reasons: [], identity: 0 }, SPEC, 48)).toEqual([]);
  });

  it("is another suspect, for its reasons", () => {
    const fit = { level: "uncalibrated" as const, reasons: ["other adapters", "another model file"], identity: 0 };
    expect(uncovered(fit, SPEC, 16)).toEqual([
      ["not calibrated on this suspect", "other adapters, another model file"],
    ]);
  });

  it("is an answer longer than those of any class of its traffic on that suspect", () => {
    const fit = { level: "calibrated" as const, reasons: [], identity: 1 };
    expect(uncovered(fit, SPEC, 32)).toEqual([]);
    expect(uncovered(fit, SPEC, 33)).toEqual([
      ["longer than calibrated", "answers of up to 33 tokens; the promise is for 32"],
    ]);
    expect(uncovered({ ...fit, identity: 2 }, SPEC, 40)).toHaveLength(1);
  });
});
