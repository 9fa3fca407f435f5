import { type DetectorSpec, thresholdOn } from "@modx/pack";
import type { BesideFigures } from "../report/evaluation-report.ts";
import { auroc } from "../stats/ranking.ts";
import { type Answers, armRate, primarySet } from "./groups.ts";
import type { LabelledAnswer } from "./label-answers.ts";
import { peakOf } from "./replay.ts";

/** What a detector that watched along makes of the same answers: by itself, and at the threshold that it brought with it. */
export function besideFigures(spec: DetectorSpec, identity: number, answers: Answers): BesideFigures {
  const peak = ({ courses }: LabelledAnswer): number => peakOf(courses[spec.name] ?? []);
  const benign = [...answers.benign, ...answers["benign+trigger"]];
  const primary = primarySet(answers);
  const threshold = thresholdOn(spec, identity);
  const area = primary.length === 0 || benign.length === 0 ? null : auroc(primary.map(peak), benign.map(peak));
  if (threshold === null) return { auroc: area, threshold: null, caught: null, benign: null };
  const alarms = (answer: LabelledAnswer): boolean => peak(answer) > threshold;
  return { auroc: area, threshold, caught: armRate(primary, alarms), benign: armRate(answers.benign, alarms) };
}
