export { createDetector, indexRows } from "./detector/create-detector.ts";
export type { Detector, DetectorRun, PromptReadings, Reads, TermValue, TokenFacts } from "./detector/detector.ts";
export type { RowIndex } from "./detector/joined-terms.ts";
export { type Level, PROMPT_TOKEN, type Verdict } from "./verdict/verdict.ts";
export { type CalibrationFit, Watch, type Watched } from "./verdict/watch.ts";
