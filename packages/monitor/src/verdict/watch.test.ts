import type { DetectorSpec } from "@modx/pack";
import { describe, expect, it } from "vitest";
import { createDetector } from "../detector/create-detector.ts";
import { indexRows } from "../detector/rows.ts";
import { Watch } from "./watch.ts";

const spec: DetectorSpec = {
  name: "d",
  algorithm: "joined-terms",
  version: 1,
  level: "alarm",
  description: "",
  terms: [{ name: "t", row: "r", over: "response", aggregate: { kind: "mean" }, weight: 1 }],
  bias: 0,
  threshold: 1,
  calibrations: [],
};

function watch(changes: Partial<DetectorSpec> = {}): Watch {
  const rows = indexRows(["r", "s"]);
  const detector = createDetector({ ...spec, ...changes } as DetectorSpec, rows, new Map());
  const started = new Watch([{ detector, fit: { holds: true, reasons: [] } }]);
  const readings = Float32Array.of(Number.NaN, Number.NaN, 0, 0);
  started.onPrompt({ readings, user: { start: 1, end: 2 }, lastPrompt: 1 });
  return started;
}

describe("a watch", () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "judges nothing by a reading of %d, whichever row's it is",
    (reading) => {
      const refused = expect.objectContaining({ code: "MODX_MONITOR_READINGS" });
      expect(() => watch().onToken(Float32Array.of(reading, 0))).toThrow(refused);
      expect(() => watch().onToken(Float32Array.of(0, reading))).toThrow(refused);
      expect(() => watch().onBase(Float32Array.of(reading))).toThrow(refused);
      const prompt = { user: { start: 1, end: 2 }, lastPrompt: 1 };
      expect(() => watch().onPrompt({ ...prompt, readings: Float32Array.of(0, 0, 0, reading) })).toThrow(refused);
    },
  );

  it("alarms above the threshold, and where the score is no number", () => {
    expect(watch().onToken(Float32Array.of(2, 0))[0]?.level).toBe("alarm");
    expect(watch().onToken(Float32Array.of(1, 0))[0]?.level).toBe("clear");
    const [up, down] = [
      { name: "up", row: "r", over: "response", aggregate: { kind: "mean" }, weight: 1e308 },
      { name: "down", row: "r", over: "response", aggregate: { kind: "mean" }, weight: -1e308 },
    ] as const;
    expect(watch({ terms: [up, down] }).onToken(Float32Array.of(1e10, 0))[0]).toMatchObject({
      score: Number.NaN,
      level: "alarm",
    });
  });

  it("never alarms by a draft, which has no threshold", () => {
    expect(watch({ threshold: null }).onToken(Float32Array.of(1e30, 0))[0]?.level).toBe("clear");
  });
});
