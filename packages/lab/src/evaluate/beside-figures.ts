import { type DetectorSpec, thresholdOn } from "@modx/pack";
import type { BesideFigures } from "../report/evaluation-report.ts";
import { aurocInterval } from "../stats/delong.ts";
import { finite } from "../stats/finite.ts";
import { type Answers, armRate, primarySet } from "./groups.ts";
import type { LabelledAnswer } from "./label-answers.ts";
import { peakOf } from "./replay.ts";

/** What a detector that watched along makes of the same answers: by itself, and at the threshold that it brought with it. */
export function besideFigures(spec: DetectorSpec, identity: number, answers: Answers): BesideFigures {
  const peak = ({ courses }: LabelledAnswer): number => peakOf(courses[spec.name] ?? []);
  const benign = [...answers.benign, ...answers["benign+trigger"]];
  const primary = primarySet(answers);
  const threshold = thresholdOn(spec, identity);
  const interval = aurocInterval(primary.map(peak), benign.map(peak));
  const area = { auroc: finite(interval.estimate), low: finite(interval.low), high: finite(interval.high) };
  if (threshold === null) return { ...area, threshold: null, caught: null, benign: null };
  const alarms = (answer: LabelledAnswer): boolean => peak(answer) > threshold;
  return { ...area, threshold, caught: armRate(primary, alarms), benign: armRate(answers.benign, alarms) };
}
