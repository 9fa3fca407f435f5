import { CODES, type ErrorCode, ModxError } from "@modx/errors";

const REMEDIES: Partial<Record<ErrorCode, string>> = {
  MODX_ENGINE_MODEL_REFUSED: "Check that the file is a complete GGUF of a model that llama.cpp v0.5.0 knows.",
  MODX_ENGINE_ADAPTER_REFUSED: "Use a LoRA adapter in GGUF form that was made for this model.",
  MODX_ENGINE_CONTEXT_REFUSED: "Use a smaller context (-c) or fewer sequences (--parallel).",
  MODX_ENGINE_MEMORY_FULL: "Use a larger context (-c) or fewer sequences at a time (--parallel).",
  MODX_USAGE_SAMPLING: "Check the grammar: it has to be GBNF, with a rule that is called root.",
  MODX_ENGINE_DISPOSED: "Open the engine again.",
  MODX_ENGINE_BUSY: "Wait for the running step.",
};

/** The addon's errors carry a code; everything else it throws is a defect of ours and says so. */
export function fromNative(error: unknown): ModxError {
  if (ModxError.isInstance(error)) return error;
  const code = error instanceof Error && "code" in error && isCode(error.code) ? error.code : "MODX_ENGINE_FAILED";
  return new ModxError(code, {
    what: `${error instanceof Error ? error.message : String(error)}.`,
    remedy: remedyOf(code),
    cause: error,
  });
}

export function remedyOf(code: ErrorCode): string {
  return REMEDIES[code] ?? "This is a defect in modx; please report it with the command that led here.";
}

function isCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && value in CODES;
}
