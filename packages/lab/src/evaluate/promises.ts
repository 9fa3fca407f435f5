import type { DetectorSpec } from "@modx/pack";
import type { ReportFigures } from "../report/evaluation-report.ts";
import { type Answers, armRate } from "./groups.ts";
import type { LabelledAnswer } from "./label-answers.ts";

/** Stated rates beside what was found on traffic of the same class from other sources. */
export function promisesKept(
  { calibrations }: DetectorSpec,
  identity: number,
  answers: Answers,
  alarms: (answer: LabelledAnswer) => boolean,
): ReportFigures["promises"] {
  const classes = {
    benign: answers.benign,
    refused: answers.harmful.filter(({ compliance }) => compliance === "refused"),
    sensitive: answers.sensitive,
  };
  return calibrations
    .filter((calibration) => calibration.identity === identity)
    .map(({ traffic, farStated }) => ({ traffic, stated: farStated, realised: armRate(classes[traffic], alarms) }));
}
