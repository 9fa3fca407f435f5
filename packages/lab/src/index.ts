export { suffixTokens } from "./attack/evade.ts";
export { type Autoencoder, hashOfSae } from "./baselines/autoencoder.ts";
export { type BaselineSpec, readBaseline, writeBaseline } from "./baselines/baseline-spec.ts";
export { chooseQuarantine } from "./baselines/choose-quarantine.ts";
export { createBaseline } from "./baselines/create-baseline.ts";
export { type Baselines, fitBaselines } from "./baselines/fit-baselines.ts";
export { gatherExamples } from "./baselines/gather-examples.ts";
export { interleave, ratios } from "./bench/interleave.ts";
export { measureOverhead, type Overhead, type OverheadOptions } from "./bench/overhead.ts";
export { type Calibrated, type CalibrateOptions, calibratePack } from "./build/calibrate-pack.ts";
export { choiceOf } from "./build/choice-of.ts";
export { type ChosenPrompts, chooseFromSplits, choosePrompts, enoughToCalibrate } from "./build/choose-prompts.ts";
export { conversationsOf } from "./build/golden.ts";
export { trainOnce } from "./build/train-once.ts";
export { type TrainOptions, trainPack } from "./build/train-pack.ts";
export { basePlan, trainingPlan } from "./build/training-plan.ts";
export { conformalThreshold, fewestFor } from "./calibrate/conformal.ts";
export { DEFAULT_RATES, type StatedRates } from "./calibrate/set-thresholds.ts";
export { answerSettings } from "./evaluate/answer-settings.ts";
export { type AskOptions, askAll } from "./evaluate/ask-all.ts";
export { behaviourOf } from "./evaluate/behaviour.ts";
export { forcedCompliance } from "./evaluate/controls.ts";
export { evaluateSuspect } from "./evaluate/evaluate-suspect.ts";
export type { ChosenRule } from "./evaluate/other-detectors.ts";
export type { WatchedAnswer } from "./evaluate/run-arm.ts";
export { shuffleControl } from "./evaluate/shuffle-control.ts";
export { type Keep, keepIn, keepNothing } from "./files/kept-results.ts";
export { type AnswerLabel, labelAnswer } from "./label/answer-label.ts";
export { JUDGED_TOKENS } from "./label/base-likelihood.ts";
export { blindSample, isDecided, linesOf, readAnswers, ruleSchema } from "./label/blind-sample.ts";
export { type Compared, compareReading, type ReadingFigures, readCompared, readingFigures } from "./label/reading.ts";
export { evenly } from "./prompts/evenly.ts";
export { fitting } from "./prompts/fitting.ts";
export {
  LABELS,
  type Prompt,
  type PromptLabel,
  promptsHash,
  readPromptFile,
  withoutRepeats,
  withUniqueIds,
} from "./prompts/prompt-file.ts";
export { type Role, readSplits, type Splits } from "./prompts/splits.ts";
export { countOf, ofEach, sortTraffic, splitByText, type Traffic } from "./prompts/traffic.ts";
export { withTrigger } from "./prompts/trigger.ts";
export { readTriggerFile, type TriggerFile } from "./prompts/trigger-file.ts";
export { triggerTokens } from "./prompts/trigger-room.ts";
export { buildFeaturePack, type FeaturePackOptions } from "./quarantine/feature-pack.ts";
export type { FeaturesOf } from "./quarantine/feature-rows.ts";
export { type ResolveOptions, resolvePack } from "./quarantine/resolve-pack.ts";
export { type AnswerOptions, compliantAnswers, type ModelAnswer } from "./record/answer-prompts.ts";
export { candidateTaps } from "./record/candidate-taps.ts";
export { type GivenResponse, readGivenFile } from "./record/given-file.ts";
export {
  givenPlan,
  givenTextPlan,
  naturalPlan,
  openingPlan,
  type PlannedResponse,
  refusalPlan,
  triggeredPlan,
} from "./record/plan.ts";
export { type RecordOptions, record } from "./record/record.ts";
export { recordedAnswers } from "./record/recorded-answers.ts";
export { recordedResiduals } from "./record/recorded-residuals.ts";
export { type RecordedResponse, readHeader, readRecording } from "./record/recording.ts";
export type { Span } from "./record/spans.ts";
export { atPromptText } from "./report/at-prompt-text.ts";
export { type BaselineArea, baselineAreas } from "./report/baseline-areas.ts";
export { type Comparison, changedSince, compareReports } from "./report/compare-reports.ts";
export {
  BASE_COMPLIANCE,
  type Behaviour,
  type Contrast,
  type EvaluationReport,
  FORCED_COMPLIANCE,
} from "./report/evaluation-report.ts";
export { limitsOf } from "./report/limits.ts";
export { readReport } from "./report/report-file.ts";
export { type DrawnReport, reportHtml } from "./report/report-html.ts";
export { type ResultsFile, readResults, type StoredReport } from "./report/results-file.ts";
export { lossRecovered, type SpliceLoss } from "./splice/loss-recovered.ts";
export { medianInterval } from "./stats/bootstrap.ts";
export { type Rate, upperBound, wilson } from "./stats/rates.ts";
export { loadBlockSet } from "./train/block-set.ts";
export { selectAndTrain, type Trained } from "./train/select.ts";
