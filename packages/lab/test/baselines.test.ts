import type { Detector } from "@modx/monitor";
import { describe, expect, it } from "vitest";
import { detectorConformance } from "../../monitor/src/detector/detector.conformance.ts";
import { type BaselineSpec, readBaseline, writeBaseline } from "../src/baselines/baseline-spec.ts";
import { confidenceWindow } from "../src/baselines/confidence.ts";
import { createBaseline } from "../src/baselines/create-baseline.ts";
import { fitFingerprint, strangenessBy } from "../src/baselines/layer-fingerprint.ts";
import { promptAndNoRefusal, responseText } from "../src/baselines/text-detectors.ts";
import { fitTextModel, textScore } from "../src/baselines/tf-idf.ts";
import { randomSource } from "../src/stats/bootstrap.ts";

const model = fitTextModel(
  ["steal a car", "steal a bike", "pick a lock", "bake a cake", "bake bread", "plant a tree"].map((text, i) => ({
    text,
    positive: i < 3,
    weight: 1,
  })),
  0.01,
);
const harmful = textScore(model);

const [WIDTH, TAPS] = [3, 4];
const random = randomSource(1);
const references = Array.from({ length: 30 }, () =>
  Float32Array.from({ length: TAPS * WIDTH }, (_, i) => 10 * i + random()),
);
const fingerprint = fitFingerprint(references, WIDTH);

const SPECS: BaselineSpec[] = [
  { algorithm: "tf-idf", version: 1, response: model },
  { algorithm: "prompt-tf-idf", version: 1, prompt: model },
  { algorithm: "refusal-words-and-prompt", version: 1, prompt: model },
  { algorithm: "tf-idf-of-both", version: 1, prompt: model, response: model, factor: 0.1 },
  { algorithm: "length", version: 1 },
  { algorithm: "confidence-window", version: 1 },
  { algorithm: "layer-fingerprint", version: 1, name: "layer-fingerprint-among-refusals", fingerprint },
];

for (const spec of SPECS)
  detectorConformance(createBaseline(spec).name, {
    create: () => createBaseline(spec),
    write: () => writeBaseline(spec),
    read: (text) => createBaseline(readBaseline(text)),
    rows: 2,
    ...(spec.algorithm === "layer-fingerprint" && { residual: TAPS * WIDTH }),
  });

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
    const found = scores(responseText(harmful), "x", answer);
    expect(found.slice(0, 8).every((score) => score === null)).toBe(true);
    expect(found[10]).toBe(harmful("To steal a car, first pick the lock."));
  });

  it("count the answer as often beside the request as was chosen", () => {
    const spec: BaselineSpec = {
      algorithm: "tf-idf-of-both",
      version: 1,
      prompt: model,
      response: model,
      factor: 0.25,
    };
    const said = answer.join("");
    expect(scores(createBaseline(spec), "bake a cake", answer).at(-1)).toBe(
      harmful("bake a cake") + 0.25 * harmful(said),
    );
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

describe("layer fingerprints", () => {
  const prompt = { readings: new Float32Array(0), user: { start: 0, end: 0 }, lastPrompt: -1 };
  const [usual = new Float32Array()] = references;
  const strange = usual.map((value, i) => value + (i >= 2 * WIDTH ? 9 : 0));

  it("are known at the prompt and stay, and are no score where no residual is given", () => {
    const run = createBaseline({ algorithm: "layer-fingerprint", version: 1, name: "lcf", fingerprint }).start();
    const at = run.prompt({ ...prompt, residual: strange });
    expect(at).toBe(strangenessBy(fingerprint)(strange));
    expect(at).toBeGreaterThan(10);
    expect([run.token(new Float32Array(0)), run.token(new Float32Array(0))]).toEqual([at, at]);
    expect(run.prompt({ ...prompt, residual: usual })).toBeLessThan(10);
    expect(run.prompt(prompt)).toBeNull();
  });

  it("are refused a residual of another size, and a covariance that says nothing", () => {
    const detector = createBaseline({ algorithm: "layer-fingerprint", version: 1, name: "lcf", fingerprint });
    expect(() => detector.start().prompt({ ...prompt, residual: usual.subarray(1) })).toThrow(RangeError);
    const distances = {
      ...fingerprint.distances,
      covariance: fingerprint.distances.covariance.map((row) => row.map(() => 0)),
    };
    const singular: BaselineSpec = {
      algorithm: "layer-fingerprint",
      version: 1,
      name: "lcf",
      fingerprint: { ...fingerprint, distances },
    };
    expect(() => readBaseline(writeBaseline(singular))).toThrow(
      expect.objectContaining({ code: "MODX_LAB_BASELINE", what: expect.stringContaining("singular") }),
    );
  });
});

describe("a baseline's written form", () => {
  it.each([
    ["a weight that is infinite", (text: string) => text.replace(/"weights":\[[^,]*/, '"weights":[1e999')],
    ["a term too few", (text: string) => text.replace(/"terms":\["[^"]*",/, '"terms":[')],
    ["a term twice", (text: string) => text.replace(/"terms":\["[^"]*","([^"]*)"/, '"terms":["$1","$1"')],
    ["another version", (text: string) => text.replace('"version":1', '"version":2')],
  ])("is refused with %s", (_, damage) => {
    const text = writeBaseline({ algorithm: "tf-idf", version: 1, response: model });
    expect(damage(text)).not.toBe(text);
    expect(() => readBaseline(damage(text))).toThrow(expect.objectContaining({ code: "MODX_LAB_BASELINE" }));
  });
});
