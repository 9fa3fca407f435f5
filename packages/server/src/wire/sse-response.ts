/** Silence after which a comment is sent, so that no proxy takes a waiting connection for a dead one. */
export const PING_MS = 15_000;

/** A client that takes nothing for this long is given up, so that it does not keep a sequence from others. */
export const STALL_MS = 60_000;

export interface SseOptions {
  /** Called once when nobody reads any longer, before the end. */
  onCancel: () => void;
  pingMs?: number;
  stallMs?: number;
}

/**
 * A response of server-sent events, one `data:` line for each item. An item is asked for when the client can take it.
 * The source must turn its failures into items: a response that has begun cannot fail otherwise.
 */
export function sseResponse(source: AsyncGenerator<string, void, undefined>, options: SseOptions): Response {
  const { onCancel, pingMs = PING_MS, stallMs = STALL_MS } = options;
  const encoder = new TextEncoder();
  let pending: Promise<IteratorResult<string, void>> | undefined;
  let stall: NodeJS.Timeout | undefined;
  let over = false;

  const cancel = (): void => {
    over = true;
    clearTimeout(stall);
    onCancel();
    // A source that waits for its turn ends by the abort; one that waits here, by the return.
    source.return().catch(() => undefined);
  };

  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(stall);
        pending ??= source.next();
        const next = await withinOrNull(pending, pingMs);
        if (over) return;
        if (next?.done === true) {
          over = true;
          return controller.close();
        }
        if (next !== null) pending = undefined;
        controller.enqueue(encoder.encode(next === null ? ": ping\n\n" : `data: ${next.value}\n\n`));
        stall = setTimeout(() => {
          cancel();
          controller.close();
        }, stallMs).unref();
      },
      cancel,
    },
    // nothing is produced ahead of the client
    { highWaterMark: 0 },
  );
  return new Response(stream, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
      // nginx otherwise keeps events until its buffer is full
      "x-accel-buffering": "no",
    },
  });
}

async function withinOrNull<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ms, null);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
