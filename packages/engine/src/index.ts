export { ablate, type Edit, type EditRow, type Edits } from "./edits/edit.ts";
export type {
  Choice,
  Decoded,
  DecodeOptions,
  Engine,
  EngineProperties,
  Mark,
  Sequence,
  SequenceRequest,
} from "./engine.ts";
export { type AdapterFile, type EngineOptions, type LaneOptions, openEngine } from "./in-process-engine.ts";
export type { ModelFacts } from "./model/model-facts.ts";
export { type TryLoadOptions, tryLoad } from "./model/try-load.ts";
export { ACCELERATORS, type Accelerator, librariesFolder, libraryFiles } from "./native/libraries.ts";
export { nativeProjector } from "./native/projector.ts";
export type { ChatMessage } from "./prompt/chat-message.ts";
export { type ChatPrompt, type PromptSegment, TEMPLATE_ROLE } from "./prompt/chat-prompt.ts";
export type { TokenText } from "./prompt/token-text.ts";
export type { ActiveFeatures, Dictionary } from "./readout/dictionary.ts";
export type { Readout, Row } from "./readout/readout.ts";
export { checkSampling, type Sampling } from "./sampling/sampling.ts";
export { openSupervised, type SupervisedEngine } from "./supervised/supervised-engine.ts";
export type { Supervision, SupervisionEvent } from "./supervised/supervisor.ts";
export { type TapName, tapLayer, tapName } from "./taps/tap-name.ts";
