import type { Detector } from "@modx/monitor";
import type { BaselineSpec } from "./baseline-spec.ts";
import { confidenceWindow } from "./confidence.ts";
import { layerFingerprint } from "./layer-fingerprint-detector.ts";
import { seedRule } from "./seed-rule.ts";
import {
  promptAndNoRefusal,
  promptAndResponseText,
  promptText,
  responseLength,
  responseText,
} from "./text-detectors.ts";
import { textScore } from "./tf-idf.ts";

/** The detector that a baseline is. */
export function createBaseline(spec: BaselineSpec): Detector {
  switch (spec.algorithm) {
    case "tf-idf":
      return responseText(textScore(spec.response));
    case "prompt-tf-idf":
      return promptText(textScore(spec.prompt));
    case "refusal-words-and-prompt":
      return promptAndNoRefusal(textScore(spec.prompt));
    case "tf-idf-of-both":
      return promptAndResponseText(textScore(spec.prompt), textScore(spec.response), spec.factor);
    case "length":
      return responseLength();
    case "confidence-window":
      return confidenceWindow();
    case "layer-fingerprint":
      return layerFingerprint(spec.name, spec.fingerprint);
    case "top-features-at-the-ends":
      return seedRule(spec.quarantined);
  }
}
