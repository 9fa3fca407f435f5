import { ModxError } from "@modx/errors";

/** Why a request ends that nobody waits for. Nobody reads it either. */
export function clientGone(cause?: unknown): ModxError {
  return new ModxError("MODX_SERVER_CLIENT_GONE", {
    what: "The client has gone.",
    remedy: "Nothing is to be done.",
    cause,
  });
}
