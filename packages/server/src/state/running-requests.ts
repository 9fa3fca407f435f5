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

  begin(client: AbortSignal): RunningRequest {
    const controller = new AbortController();
    const leave = (): void => controller.abort(client.reason);
    if (client.aborted) leave();
    client.addEventListener("abort", leave, { once: true });
    this.running.add(controller);
    return {
      signal: controller.signal,
      end: () => {
        client.removeEventListener("abort", leave);
        this.running.delete(controller);
      },
    };
  }

  abortAll(reason: unknown): void {
    for (const controller of this.running) controller.abort(reason);
  }
}
