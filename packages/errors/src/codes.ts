/**
 * Every code, with the exit status that the command line gives it: 2 for wrong usage, 1 for everything else.
 * `docs/errors.md` explains each; a test holds the two lists together.
 */
export const CODES = {
  // a defect of ours
  MODX_INTERNAL: 1,
  // usage: what was typed cannot be meant
  MODX_USAGE: 2,
  MODX_USAGE_TAP: 2,
  MODX_USAGE_SAMPLING: 2,
  MODX_USAGE_ANSWERS: 2,
  MODX_USAGE_FILE_MISSING: 2,
  MODX_USAGE_PROMPTS: 2,
  MODX_USAGE_SPLITS: 2,
  MODX_USAGE_TRIGGERS: 2,
  // tensors: safetensors files
  MODX_TENSORS_DAMAGED: 1,
  // pack
  MODX_PACK_MISSING: 2,
  MODX_PACK_DAMAGED: 1,
  MODX_PACK_SCHEMA: 1,
  MODX_PACK_INCOMPATIBLE: 1,
  MODX_PACK_UNCALIBRATED: 1,
  MODX_PACK_GOLDEN: 1,
  MODX_PACK_DRAFT: 1,
  MODX_PACK_FOLDER: 2,
  // lab
  MODX_LAB_PACK: 1,
  MODX_LAB_RECORDING: 1,
  MODX_LAB_TOO_FEW: 1,
  // hub: files that cannot be found, fetched or trusted
  MODX_HUB_OFFLINE: 1,
  MODX_HUB_NETWORK: 1,
  MODX_HUB_NOT_FOUND: 1,
  MODX_HUB_WRONG_FILE: 1,
  MODX_HUB_UNKNOWN_NAME: 2,
  MODX_HUB_DISK: 1,
  MODX_HUB_NO_PYTHON: 1,
  // engine: llama.cpp and what it is given
  MODX_ENGINE_NOT_BUILT: 1,
  MODX_ENGINE_PLATFORM: 1,
  MODX_ENGINE_BACKEND: 1,
  MODX_ENGINE_FILE: 1,
  MODX_ENGINE_MODEL_REFUSED: 1,
  MODX_ENGINE_ADAPTER_REFUSED: 1,
  MODX_ENGINE_CONTEXT_REFUSED: 1,
  MODX_ENGINE_ARCHITECTURE: 1,
  MODX_ENGINE_TEMPLATE: 1,
  MODX_ENGINE_TOKENIZE: 1,
  MODX_ENGINE_TOO_LONG: 1,
  MODX_ENGINE_MEMORY_FULL: 1,
  MODX_ENGINE_TAP_ROWS: 1,
  MODX_ENGINE_BUSY: 1,
  MODX_ENGINE_DISPOSED: 1,
  MODX_ENGINE_ARGUMENT: 1,
  MODX_ENGINE_FAILED: 1,
  MODX_ENGINE_ABORTED: 1,
  // server: what keeps it from running
  MODX_SERVER_PORT: 1,
  MODX_SERVER_ADDRESS: 1,
  MODX_SERVER_ALERT_LOG: 1,
  // server: requests that are refused or end early
  MODX_SERVER_REQUEST: 1,
  MODX_SERVER_UNSUPPORTED: 1,
  MODX_SERVER_MODEL: 1,
  MODX_SERVER_ROUTE: 1,
  MODX_SERVER_KEY: 1,
  MODX_SERVER_REVEAL: 1,
  MODX_SERVER_TOO_LARGE: 1,
  MODX_SERVER_LOADING: 1,
  MODX_SERVER_STOPPING: 1,
  MODX_SERVER_CLIENT_GONE: 1,
} as const;

export type ErrorCode = keyof typeof CODES;
