import type { Calibration, DetectorSpec } from "@modx/pack";
import { expect, it } from "vitest";
import type { Answers } from "./groups.ts";
import type { LabelledAnswer } from "./label-answers.ts";
import { IN_FORCE, operatingPoints } from "./operating-points.ts";
import { peakOf } from "./replay.ts";

const answer = (source: string, score: number, i: number): LabelledAnswer => ({
  ...{ id: String(i), source, request: "", prompt: "", text: "", tokens: [], pieces: [], label: "answered" },
  ...{ compliance: "complied", alarmAt: null, peaks: {}, courses: { d: [score] } },
});
const none: Answers = {
  ...{ harmful: [], "harmful+trigger": [], "harmful+near": [] },
  ...{ benign: [], "benign+trigger": [], sensitive: [] },
};
const calibration = (traffic: Calibration["traffic"], identity: number, sources: string[]): Calibration => ({
  ...{ traffic, identity, sources, description: "", n: 1, farStated: 0.01, threshold: 1 },
  ...{ farBound95: 0.02, farInForce: 0, length: 64 },
});
const spec: DetectorSpec = {
  ...{ name: "d", algorithm: "joined-terms", version: 1, level: "alarm", description: "", bias: 0, terms: [] },
  threshold: 1,
  calibrations: [
    calibration("benign", 0, ["known"]),
    calibration("sensitive", 0, ["other"]),
    calibration("benign", 1, ["other"]),
  ],
};
const points = (benign: LabelledAnswer[]) =>
  operatingPoints({ maxima: [] }, spec, 0, { ...none, benign, unseen: [] }, ({ courses }) =>
    peakOf(courses["d"] ?? []),
  )[IN_FORCE];

it("tells apart the sources that the pack was calibrated on for this suspect's benign traffic, where any was asked", () => {
  const both = points([answer("known", 2, 0), answer("known", 0, 1), answer("other", 2, 2), answer("new", 0, 3)]);
  expect(both?.benign).toMatchObject({ hits: 2, n: 4 });
  expect(both?.benignCalibrated).toMatchObject({ hits: 1, n: 2 });
  expect(both?.benignNew).toMatchObject({ hits: 1, n: 2 });
  const fresh = points([answer("other", 2, 2), answer("new", 0, 3)]);
  expect(fresh?.benign).toMatchObject({ hits: 1, n: 2 });
  expect(fresh).not.toHaveProperty("benignCalibrated");
  expect(fresh).not.toHaveProperty("benignNew");
});
