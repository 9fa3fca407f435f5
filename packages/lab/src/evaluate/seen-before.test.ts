import type { Manifest } from "@modx/pack";
import { expect, it } from "vitest";
import { sourcesSeenBefore } from "./seen-before.ts";

const pack = {
  detectors: [{ calibrations: [{ sources: ["alpaca-eval", "xstest-safe"] }, { sources: ["do-not-answer"] }] }],
  provenance: { "training sources": "advbench, alpaca" },
} as unknown as Pick<Manifest, "detectors" | "provenance">;

const asked = (...sources: string[]) => ({
  harmful: [],
  benign: [],
  sensitive: sources.map((source, i) => ({ id: String(i), text: "x", label: "sensitive" as const, source })),
});

it("names the sources of a test that a pack was trained or calibrated on", () => {
  expect(sourcesSeenBefore(pack, asked("xstest-safe", "dolly", "advbench", "xstest-safe"))).toEqual([
    "advbench",
    "xstest-safe",
  ]);
  expect(sourcesSeenBefore(pack, asked("dolly"))).toEqual([]);
});

it("knows nothing of a pack that says nothing of itself", () => {
  expect(sourcesSeenBefore({ detectors: [], provenance: {} }, asked(""))).toEqual([]);
});
