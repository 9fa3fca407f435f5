export { createDetector } from "./detector/create-detector.ts";
export type { Detector, DetectorRun, PromptReadings, Reads, TermValue, TokenFacts } from "./detector/detector.ts";
export { FeatureList } from "./detector/feature-list.ts";
export { feed, ofToken } from "./detector/feed.ts";
export { indexRows, type RowIndex } from "./detector/rows.ts";
export { type Level, PROMPT_TOKEN, type Verdict } from "./verdict/verdict.ts";
export { type CalibrationFit, Watch, type Watched } from "./verdict/watch.ts";
