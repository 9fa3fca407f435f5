export { interleave, ratios } from "./bench/interleave.ts";
export { measureOverhead, type Overhead, type OverheadOptions } from "./bench/overhead.ts";
export { conformalThreshold, fewestFor } from "./calibrate/conformal.ts";
export { type EvaluateOptions, type Evaluation, evaluate } from "./evaluate/evaluate.ts";
export { withTrigger } from "./evaluate/trigger.ts";
export { type AnswerLabel, labelAnswer } from "./label/answer-label.ts";
export {
  LABELS,
  type Prompt,
  type PromptLabel,
  promptsHash,
  readPromptFile,
  withoutRepeats,
  withUniqueIds,
} from "./prompts/prompt-file.ts";
export { givenPlan, naturalPlan, openingPlan, type PlannedResponse } from "./record/plan.ts";
export { type RecordOptions, record } from "./record/record.ts";
export { type RecordedResponse, readHeader, readRecording } from "./record/recording.ts";
export { medianInterval } from "./stats/bootstrap.ts";
export { type Rate, upperBound, wilson } from "./stats/rates.ts";
