import { type ErrorCode, ModxError } from "@modx/errors";

/** An error as the OpenAI API spells it. */
export interface WireError {
  message: string;
  type: string;
  param: string | null;
  code: string;
}

interface Meaning {
  status: number;
  /** OpenAI's own code, which its clients know; without it ours. */
  code?: string;
}

const MEANINGS: Partial<Record<ErrorCode, Meaning>> = {
  MODX_SERVER_REQUEST: { status: 400 },
  MODX_SERVER_UNSUPPORTED: { status: 400, code: "unsupported_parameter" },
  MODX_SERVER_KEY: { status: 401, code: "invalid_api_key" },
  MODX_SERVER_REVEAL: { status: 403 },
  MODX_SERVER_MODEL: { status: 404, code: "model_not_found" },
  MODX_SERVER_ROUTE: { status: 404, code: "unknown_url" },
  MODX_SERVER_TOO_LARGE: { status: 413 },
  // nginx's number for a client that closed its request; nobody reads it
  MODX_SERVER_CLIENT_GONE: { status: 499 },
  MODX_ENGINE_QUEUE_FULL: { status: 429, code: "rate_limit_exceeded" },
  MODX_SERVER_DEADLINE: { status: 504 },
  MODX_SERVER_LOADING: { status: 503 },
  MODX_SERVER_STOPPING: { status: 503 },
  MODX_USAGE_SAMPLING: { status: 400 },
  MODX_ENGINE_TOO_LONG: { status: 400, code: "context_length_exceeded" },
  MODX_ENGINE_TEMPLATE: { status: 400 },
  MODX_ENGINE_TOKENIZE: { status: 400 },
  MODX_ENGINE_DISPOSED: { status: 503 },
  MODX_ENGINE_CRASHED: { status: 503 },
  MODX_ENGINE_SAMPLING: { status: 400 },
};

/** What a client is told of an error: of a defect nothing but that it is one. */
export function toWire(error: unknown): { status: number; body: { error: WireError } } {
  if (!ModxError.isInstance(error)) {
    const message = "The server met an unexpected error and could not answer.";
    return { status: 500, body: { error: { message, type: "server_error", param: null, code: "MODX_INTERNAL" } } };
  }
  const { status, code = error.code } = MEANINGS[error.code] ?? { status: 500 };
  const type = status < 500 ? "invalid_request_error" : "server_error";
  const param = "param" in error && typeof error.param === "string" ? error.param : null;
  return { status, body: { error: { message: error.message, type, param, code } } };
}
