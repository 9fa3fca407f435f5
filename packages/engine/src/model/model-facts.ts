import { createHash } from "node:crypto";
import type { NativeModel } from "../native/surface.ts";

/** What a loaded model says of itself. */
export interface ModelFacts {
  /** llama.cpp's name, for example `llama`, `qwen3`. */
  architecture: string;
  /** `general.name` of the file, or the architecture where it has none. */
  name: string;
  layers: number;
  /** Length of a residual. */
  width: number;
  vocabularySize: number;
  trainedContext: number;
  /** llama.cpp's name of the file's quantisation, for example `Q4_1`. */
  quantisation: string;
  parameters: number;
  bytes: number;
  /** sha256 of the vocabulary (texts and attributes of all tokens) and of the pre-tokenizer's name. */
  tokenizerHash: string;
  /** sha256 of the text of the chat template in use; null where there is none. */
  templateHash: string | null;
  /** That text, so that another model can be asked in the same form. */
  chatTemplate: string | null;
  /** llama.cpp's release that runs it. */
  engineVersion: string;
}

/** `template` is the chat template that is used instead of the file's own, if one is. */
export function readModelFacts(model: NativeModel, engineVersion: string, template?: string): ModelFacts {
  const { layers, width, vocabularySize, trainedContext, quantisation, parameters, bytes, ...own } = model.facts();
  const chatTemplate = template ?? own.chatTemplate;
  const metadata = model.metadata();
  const architecture = metadata["general.architecture"] ?? "unknown";
  const tokenizer = createHash("sha256")
    .update(`${metadata["tokenizer.ggml.model"]}\n${metadata["tokenizer.ggml.pre"]}\n`)
    .update(model.vocabulary())
    .digest("hex");
  return {
    architecture,
    name: metadata["general.name"] ?? architecture,
    layers,
    width,
    vocabularySize,
    trainedContext,
    quantisation,
    parameters,
    bytes,
    tokenizerHash: tokenizer,
    templateHash: chatTemplate === null ? null : createHash("sha256").update(chatTemplate).digest("hex"),
    chatTemplate,
    engineVersion,
  };
}
