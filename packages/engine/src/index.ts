export type { Choice, Decoded, DecodeOptions, Engine, EngineProperties, Sequence, SequenceRequest } from "./engine.ts";
export { type AdapterFile, type EngineOptions, openEngine } from "./in-process-engine.ts";
export type { ModelFacts } from "./model/model-facts.ts";
export { type TryLoadOptions, tryLoad } from "./model/try-load.ts";
export { librariesFolder, libraryFiles } from "./native/load-addon.ts";
export type { ChatMessage } from "./prompt/chat-message.ts";
export type { ChatPrompt, PromptSegment } from "./prompt/chat-prompt.ts";
export type { TokenText } from "./prompt/token-text.ts";
export type { ActiveFeatures, Dictionary } from "./readout/dictionary.ts";
export type { Readout, Row } from "./readout/readout.ts";
export { checkSampling, type Sampling } from "./sampling/sampling.ts";
export {
  openSupervised,
  type SupervisedEngine,
  type Supervision,
  type SupervisionEvent,
} from "./supervised/supervised-engine.ts";
export { type TapName, tapLayer, tapName } from "./taps/tap-name.ts";
