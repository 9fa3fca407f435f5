import type { Aggregate, FeatureListSpec, JoinedTermsSpec, Term } from "@modx/pack";
import { detectorConformance } from "../src/detector/detector.conformance.ts";
import { inPack } from "./in-pack.ts";

const DECLARED: Pick<JoinedTermsSpec, "level" | "description" | "threshold" | "calibrations"> = {
  level: "alarm",
  description: "",
  threshold: null,
  calibrations: [],
};

function joined(terms: readonly Term[], bias = -1): JoinedTermsSpec {
  return { ...DECLARED, name: "joined", algorithm: "joined-terms", version: 1, terms: [...terms], bias };
}

/** Of the numbers that a pack may hold, the largest, the smallest divisor, and one that takes all its digits. */
const [MOST, LEAST, ODD] = [1e60, 1e-60, 0.1 + 0.2];

const MEAN: Aggregate = { kind: "mean" };
const BELIEF: Term = { name: "belief", row: "a", over: "user", aggregate: MEAN, weight: ODD };
const INTENT: Term = { name: "intent", row: "b", over: "last-prompt", aggregate: MEAN, within: [-2, ODD], weight: -2 };
const EARLY: Term = {
  name: "early",
  row: "b",
  over: "response",
  aggregate: { kind: "first-mean", width: 2 },
  weight: 0.5,
};
const WINDOW: Term = {
  name: "window",
  row: "a",
  over: "response",
  aggregate: { kind: "window-mean", width: 3, minimum: 2 },
  weight: 4,
};
const OPINION: Term = {
  name: "opinion",
  row: "o",
  over: "base-last-prompt",
  aggregate: MEAN,
  within: [-4, 2],
  weight: 1,
};

// row "a" is carried by two taps, so its readings are added
const ROWS = ["a", "b", "a"];

for (const aggregate of [
  MEAN,
  { kind: "window-mean", width: 8, minimum: 4 },
  { kind: "first-mean", width: 5 },
  { kind: "ema", alpha: 0.12, minimum: 4 },
  { kind: "cusum", drift: ODD },
] satisfies Aggregate[])
  detectorConformance(`a linear probe's ${aggregate.kind}`, inPack(joined([{ ...WINDOW, aggregate }]), ROWS));

detectorConformance("harm and no refusal", inPack(joined([BELIEF, INTENT, EARLY]), ROWS));
detectorConformance("the same with response content", inPack(joined([BELIEF, INTENT, EARLY, WINDOW]), ROWS));
detectorConformance("terms that ask the base", inPack(joined([WINDOW, OPINION]), ROWS, ["x", "o", "o"]));
detectorConformance(
  "terms of the largest weights",
  inPack(
    joined(
      [
        { ...BELIEF, weight: MOST, within: [-MOST, MOST] },
        { ...WINDOW, weight: -MOST },
        { ...EARLY, weight: MOST },
        { ...WINDOW, name: "sum", aggregate: { kind: "cusum", drift: -MOST }, weight: MOST },
      ],
      MOST,
    ),
    ROWS,
  ),
);

const LIST: FeatureListSpec = {
  ...DECLARED,
  name: "quarantine",
  algorithm: "feature-list",
  version: 1,
  window: { width: 2, minimum: 2 },
  features: [
    { row: "a", label: "poison", activation: { kind: "relu" }, tail: { floor: 1, scale: ODD } },
    { row: "b", label: "", activation: { kind: "jumprelu", threshold: 2 }, tail: { floor: 0, scale: 1 } },
    { row: "c", label: "plain", activation: { kind: "linear" }, tail: null },
  ],
};
detectorConformance("a list of features", inPack(LIST, ["a", "b", "c", "b"]));
detectorConformance(
  "a list of features with the shortest tail",
  inPack(
    {
      ...LIST,
      features: LIST.features.map((feature) => ({ ...feature, tail: { floor: -MOST, scale: LEAST } })),
    },
    ["a", "b", "c", "b"],
  ),
);
