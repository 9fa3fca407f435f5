import type { Calibration, ClassMaxima, DetectorSpec } from "@modx/pack";
import { describe, expect, it } from "vitest";
import { checkLengths, earlierClasses, keptBeside } from "./earlier-classes.ts";

const NONE = { benign: [], harmful: [], sensitive: [] };

function measured(traffic: ClassMaxima["traffic"], length = 64, identity = 0): ClassMaxima {
  return { detector: "d", traffic, identity, length, sources: ["s"], maxima: Float32Array.of(1, 2, 3) };
}

function calibrated({ traffic, identity, length }: ClassMaxima): Calibration {
  return {
    traffic,
    identity,
    length,
    description: "",
    sources: ["s"],
    n: 3,
    farStated: 0.25,
    threshold: 3,
    farBound95: 0.6,
    farInForce: 0,
  };
}

function earlier(...maxima: ClassMaxima[]) {
  return maxima.map((one) => ({ calibration: calibrated(one), measured: one }));
}

describe("what a pack was calibrated on before", () => {
  const benign = measured("benign");

  it("is every class with its maxima, but none of a list whose features are measured only now", () => {
    const declared = {
      name: "d",
      level: "alarm" as const,
      description: "",
      threshold: 3,
      version: 1 as const,
      calibrations: [calibrated(benign)],
    };
    const joined: DetectorSpec = { ...declared, algorithm: "joined-terms", terms: [], bias: 0 };
    const list: DetectorSpec = {
      ...declared,
      algorithm: "feature-list",
      features: [{ row: "a", label: "", activation: { kind: "relu" }, tail: null }],
      window: { width: 4, minimum: 1 },
    };
    const packOf = (spec: DetectorSpec) => ({ manifest: { detectors: [spec] }, maxima: [benign] });
    expect(earlierClasses(packOf(joined))).toEqual(earlier(benign));
    expect(earlierClasses(packOf(list))).toEqual([]);
  });

  it("stays with its own promise where it is not measured again", () => {
    const { kept, remarks } = keptBeside(earlier(benign, measured("sensitive")), [measured("sensitive")], 64);
    expect(kept).toEqual([{ ...benign, stated: { rate: 0.25, confidence: null } }]);
    expect(remarks).toEqual(["d: what 3 benign responses promised before is kept"]);
  });

  it("is not mixed with responses of another length: it goes when new ones were asked for, and is never lost otherwise", () => {
    const before = earlier(benign, measured("refused"));
    for (const prompts of [NONE, { ...NONE, benign: ["a"] }, { ...NONE, harmful: ["a"] }])
      expect(() => checkLengths(before, prompts, 128)).toThrow(
        expect.objectContaining({ code: "MODX_USAGE", message: expect.stringContaining("-n 64") }),
      );
    checkLengths(before, { ...NONE, benign: ["a"], harmful: ["a"] }, 128);
    checkLengths(before, NONE, 64);
    const { kept, remarks } = keptBeside(before, [measured("benign", 128)], 128);
    expect(kept).toEqual([]);
    expect(remarks).toEqual([expect.stringMatching(/refused responses of up to 64 tokens is dropped/)]);
  });
});
