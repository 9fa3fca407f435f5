import { ModxError } from "@modx/errors";

/** A request that is being answered. */
export interface RunningRequest {
  /** Aborts when its client has gone, or when the server will not wait for it any longer. */
  signal: AbortSignal;
  end(): void;
}

/** The requests that are being answered, so that a stopping server can wait for them and then end them. */
export class RunningRequests {
  private readonly running = new Set<AbortController>();

  get size(): number {
    return this.running.size;
  }

  /** `deadlineMs`: after which the request ends with MODX_SERVER_DEADLINE; none when absent. */
  begin(client: AbortSignal, deadlineMs?: number): RunningRequest {
    const controller = new AbortController();
    const deadline =
      deadlineMs === undefined ? undefined : setTimeout(() => controller.abort(deadlineError(deadlineMs)), deadlineMs);
    const leave = (): void => controller.abort(client.reason);
    if (client.aborted) leave();
    client.addEventListener("abort", leave, { once: true });
    this.running.add(controller);
    return {
      signal: controller.signal,
      end: () => {
        clearTimeout(deadline);
        client.removeEventListener("abort", leave);
        this.running.delete(controller);
      },
    };
  }

  abortAll(reason: unknown): void {
    for (const controller of this.running) controller.abort(reason);
  }
}

function deadlineError(ms: number): ModxError {
  return new ModxError("MODX_SERVER_DEADLINE", {
    what: `The request was not answered within ${ms / 1000} s.`,
    remedy: "Ask for fewer tokens, or send it again when the server has less to do.",
  });
}
