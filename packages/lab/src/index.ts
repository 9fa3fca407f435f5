export { type AnswerLabel, labelAnswer } from "./label/answer-label.ts";
export {
  LABELS,
  type Prompt,
  type PromptLabel,
  promptsHash,
  readPromptFile,
  withoutRepeats,
} from "./prompts/prompt-file.ts";
export { naturalPlan, openingPlan, type PlannedResponse } from "./record/plan.ts";
export { type RecordOptions, record } from "./record/record.ts";
export { type RecordedResponse, readHeader, readRecording } from "./record/recording.ts";
