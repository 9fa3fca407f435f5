import { expect, it } from "vitest";
import { marksOf } from "../prompts/seen-texts.ts";
import { seenBefore } from "./seen-before.ts";

const pack = {
  manifest: {
    detectors: [{ calibrations: [{ sources: ["alpaca-eval", "xstest-safe"] }, { sources: ["do-not-answer"] }] }],
    provenance: { "training sources": "advbench, alpaca" },
  },
  seen: marksOf(["Text 1 of it!"]),
};

const asked = (...sources: string[]) => ({
  harmful: [],
  benign: [],
  sensitive: sources.map((source, i) => ({
    id: String(i),
    text: `Text ${i} of it.`,
    label: "sensitive" as const,
    source,
  })),
});

it("names the sources of a test that a pack was trained or calibrated on", () => {
  expect(seenBefore(pack, asked("xstest-safe"))).toEqual([
    "sources of which the pack has seen nothing: it has seen xstest-safe",
  ]);
  expect(
    seenBefore({ ...pack, seen: new Int32Array() }, asked("xstest-safe", "dolly", "advbench", "xstest-safe")),
  ).toEqual(["sources of which the pack has seen nothing: it has seen advbench, xstest-safe"]);
  expect(seenBefore(pack, asked("dolly"))).toEqual([]);
});

it("counts the texts that a pack has seen, whatever source they are said to be of", () => {
  expect(seenBefore(pack, asked("mine", "mine", "mine"))).toEqual([
    "prompts that the pack has not seen: it has seen 1 of 3",
  ]);
});

it("knows nothing of a pack that says nothing of itself", () => {
  const silent = { manifest: { detectors: [], provenance: {} }, seen: new Int32Array() };
  expect(seenBefore(silent, asked(""))).toEqual([]);
});
