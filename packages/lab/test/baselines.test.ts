import type { Detector } from "@modx/monitor";
import { describe, expect, it } from "vitest";
import { detectorConformance } from "../../monitor/src/detector/detector.conformance.ts";
import { confidenceWindow } from "../src/baselines/confidence.ts";
import {
  promptAndNoRefusal,
  promptAndResponseText,
  promptText,
  responseLength,
  responseText,
} from "../src/baselines/text-detectors.ts";
import { fitTextScore } from "../src/baselines/tf-idf.ts";

const harmful = fitTextScore(
  ["steal a car", "steal a bike", "pick a lock", "bake a cake", "bake bread", "plant a tree"].map((text, i) => ({
    text,
    positive: i < 3,
    weight: 1,
  })),
  0.01,
);
const DETECTORS: Detector[] = [
  responseText(harmful),
  promptText(harmful),
  promptAndNoRefusal(harmful),
  promptAndResponseText((prompt, response) => harmful(prompt) + harmful(response)),
  responseLength(),
  confidenceWindow(),
];

for (const detector of DETECTORS) detectorConformance(detector.name, () => detector, 2);

/** Scores along a response given in pieces. */
function scores(detector: Detector, prompt: string, pieces: readonly string[], p = 0.5): (number | null)[] {
  const run = detector.start();
  const none = new Float32Array(0);
  return [
    run.prompt({ readings: none, user: { start: 0, end: 0 }, lastPrompt: -1, text: prompt }),
    ...pieces.map((text) => run.token(none, { text, logProbability: Math.log(p) })),
  ];
}

describe("baselines that know no model", () => {
  const refusal = ["I", "'m", " sorry", ",", " but", " I", " can", "'t", " help", "."];
  const answer = ["To", " steal", " a", " car", ",", " first", " pick", " the", " lock", "."];

  it("score an answer by its words from the eighth token on", () => {
    const [tfIdf] = DETECTORS as [Detector];
    const found = scores(tfIdf, "x", answer);
    expect(found.slice(0, 8).every((score) => score === null)).toBe(true);
    expect(found[10]).toBe(harmful("To steal a car, first pick the lock."));
  });

  it("count a harmful request only where it is not refused", () => {
    const detector = promptAndNoRefusal(harmful);
    expect(scores(detector, "steal a car", answer).at(-1)).toBe(harmful("steal a car"));
    expect(scores(detector, "steal a car", refusal).at(-1)).toBe(-1000);
  });

  it("take the probability of the last eight tokens", () => {
    const found = scores(confidenceWindow(), "x", answer, 0.25);
    expect(found[7]).toBeNull();
    expect(found[10]).toBeCloseTo(0.25, 12);
  });
});
