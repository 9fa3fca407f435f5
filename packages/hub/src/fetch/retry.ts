import { setTimeout as sleep } from "node:timers/promises";
import { ModxError } from "@modx/errors";

/** Retries after the first try. */
const RETRIES = 3;
/** A server may ask for more patience than a person at a terminal has. */
const LONGEST_WAIT_MS = 60_000;

export interface RetryOptions {
  retries?: number | undefined;
  /** Wait before the first retry, doubled for each further one. Defaults to one second. */
  backoffMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** A failure that may pass: a cut connection, a busy server. Everything else is thrown as a ModxError at once. */
export class Transient extends Error {
  /** What the server asked for (Retry-After), in milliseconds. */
  readonly waitMs: number;

  constructor(reason: string, waitMs = 0, cause?: unknown) {
    super(reason, { cause });
    this.waitMs = waitMs;
  }
}

/**
 * Runs `work` until it succeeds, at most four times in a row without progress; `work` calls `progressed` when it
 * brought something that the next try builds on. What it throws that is no ModxError counts as transient.
 */
export async function withRetries<T>(
  what: string,
  { retries = RETRIES, backoffMs = 1000, signal }: RetryOptions,
  work: (progressed: () => void) => Promise<T>,
): Promise<T> {
  let failures = 0;
  for (;;) {
    try {
      return await work(() => {
        failures = 0;
      });
    } catch (error) {
      signal?.throwIfAborted();
      if (ModxError.isInstance(error)) throw error;
      failures += 1;
      if (failures > retries) throw networkError(what, error);
      const asked = error instanceof Transient ? error.waitMs : 0;
      await sleep(Math.min(Math.max(backoffMs * 2 ** (failures - 1), asked), LONGEST_WAIT_MS), undefined, { signal });
    }
  }
}

function networkError(what: string, cause: unknown): ModxError {
  return new ModxError("MODX_HUB_NETWORK", {
    what: `${what} could not be fetched (${reasonOf(cause)}).`,
    remedy: "Check the connection and run the same command again: the download resumes where it stopped.",
    cause,
  });
}

/** fetch says only "fetch failed"; why is in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && !(error instanceof Transient)
    ? error.cause.message || error.message
    : error.message;
}
