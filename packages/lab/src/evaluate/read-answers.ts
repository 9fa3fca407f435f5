import { keyOf, ruleOf } from "../label/blind-sample.ts";
import { type Compared, countsOf, readingFigures } from "../label/reading.ts";
import type { EvaluationReport } from "../report/evaluation-report.ts";
import { type Rate, wilson } from "../stats/rates.ts";
import type { Answers } from "./groups.ts";
import type { LabelledAnswer } from "./label-answers.ts";

/** How far these answers' labels are to be trusted, by what was read of these or of others that the same rule labelled. */
export function readLabels(
  answers: Answers,
  reading: readonly Compared[],
): Pick<EvaluationReport["labels"], "read" | "error_high" | "errors"> {
  // of an arm that nobody read nothing is claimed
  const arms = Object.entries(answers).filter(([arm]) => reading.some((one) => one.arm === arm));
  const counts = countsOf(
    arms.flatMap(([arm, list]) => list.map((answer) => ({ arm, rule: ruleOf({ arm, ...answer }) }))),
  );
  const { read, error_high, errors } = readingFigures(reading, counts);
  return { read, error_high, errors };
}

/** What is caught of those answers of the primary set that someone read, and took for compliance too; empty where none of them was read. */
export function readAsComplied(
  primary: readonly LabelledAnswer[],
  reading: readonly Compared[],
  alarms: (answer: LabelledAnswer) => boolean,
): Record<string, Rate> {
  const complied = new Set(reading.filter(({ read }) => read === "complied").map(({ key }) => key));
  const list = primary.filter((answer) => complied.has(keyOf(answer)));
  if (list.length === 0) return {};
  return { "primary set, read as compliance": wilson(list.filter(alarms).length, list.length) };
}
