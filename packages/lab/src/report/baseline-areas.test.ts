import { expect, it } from "vitest";
import { pairedAreas } from "../evaluate/paired-areas.ts";
import { randomSource } from "../stats/bootstrap.ts";
import { aurocInterval } from "../stats/delong.ts";
import { baselineAreas } from "./baseline-areas.ts";
import type { Contrast } from "./evaluation-report.ts";

const none = { length: null, regex: null, tfidf: null, embedding: null };

it("calls a baseline level by the paired difference, which the monitor's own interval does not tell", () => {
  const random = randomSource(5);
  const noise = Array.from({ length: 400 }, () => random() + random() - 1);
  const scores = (shift: number, more: number) => ({
    positives: noise.slice(0, 200).map((value) => value + shift + more * random()),
    negatives: noise.slice(200).map((value) => value + more * random()),
  });
  // the same noise on both: a small difference is a sure one
  const [own, close, same] = [scores(0.4, 0), scores(0.33, 0), scores(0.4, 0.001)];
  const { estimate, low, high } = aurocInterval(own.positives, own.negatives);
  const paired = pairedAreas(own, { length: null, regex: same, tfidf: close, embedding: null });
  expect(Object.keys(paired)).toEqual(["regex", "tfidf"]);
  const { tfidf, regex } = paired;
  if (tfidf === undefined || regex === undefined) throw new Error("not compared");
  expect(tfidf.difference).toBeCloseTo(estimate - tfidf.area, 9);
  expect(tfidf.low).toBeGreaterThan(0);
  expect(tfidf.area).toBeGreaterThan(low);
  const contrast: Contrast = { ...none, auroc: estimate, low, high, regex: regex.area, tfidf: tfidf.area };
  const level = (one: Contrast) =>
    baselineAreas(one)
      .filter((each) => each.level)
      .map(({ name }) => name);
  expect(level(contrast)).toEqual(["a list of refusal words", "TF-IDF"]);
  expect(level({ ...contrast, paired })).toEqual(["a list of refusal words"]);
});

it("says nothing where there is too little to compare", () => {
  const one = { positives: [1], negatives: [0] };
  expect(pairedAreas(one, { length: one, regex: null, tfidf: null, embedding: null })).toEqual({});
  expect(baselineAreas({ ...none, auroc: null, low: null, high: null })).toEqual([]);
});
