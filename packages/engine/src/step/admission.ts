import { ModxError } from "@modx/errors";

/** What an admitted sequence holds until it closes. */
export interface Reservation {
  slot: number;
  release(): void;
}

interface Waiter {
  admit: (reservation: Reservation) => void;
  choose: Choose;
}

/** Which of the free slots, of which there is one at least, is taken. */
type Choose = (free: readonly number[]) => number | undefined;

const LOWEST: Choose = (free) => free[0];

/**
 * Hands out sequence slots, first come first served. A slot's memory holds `capacity` tokens, so what is admitted fits. At most
 * `queue` wait; whoever comes then is turned away, so that a flood costs those who wait no more than their turn.
 */
export class Admission {
  /** Ascending: low slots are neighbours, which can share a pass. */
  private free: number[];
  private readonly capacity: number;
  private readonly queue: number;
  private waiters: Waiter[] = [];

  constructor(slots: number, capacity: number, queue: number = Number.POSITIVE_INFINITY) {
    this.queue = queue;
    this.free = Array.from({ length: slots }, (_, index) => index);
    this.capacity = capacity;
  }

  /**
   * Throws MODX_ENGINE_TOO_LONG when `tokens` exceed a slot's memory, MODX_ENGINE_QUEUE_FULL when too many wait already; the signal's
   * reason when it aborts while waiting.
   */
  async reserve(tokens: number, signal?: AbortSignal, choose: Choose = LOWEST): Promise<Reservation> {
    if (!Number.isInteger(tokens) || tokens < 1 || tokens > this.capacity) {
      throw new ModxError("MODX_ENGINE_TOO_LONG", {
        what: `Prompt and response need ${tokens} tokens, the context has ${this.capacity}.`,
        remedy: "Shorten the prompt, ask for fewer tokens (-n), or open a larger context (-c).",
      });
    }
    signal?.throwIfAborted();
    if (this.free.length === 0 && this.waiters.length >= this.queue) {
      throw new ModxError("MODX_ENGINE_QUEUE_FULL", {
        what: `${this.waiters.length} requests wait already.`,
        remedy: "Send the request again later.",
      });
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.waiters = this.waiters.filter((waiter) => waiter.admit !== admit);
        reject(signal?.reason);
      };
      const admit = (reservation: Reservation): void => {
        signal?.removeEventListener("abort", leave);
        resolve(reservation);
      };
      signal?.addEventListener("abort", leave, { once: true });
      this.waiters.push({ admit, choose });
      this.admitWaiting();
    });
  }

  private admitWaiting(): void {
    while (this.free.length > 0) {
      const waiter = this.waiters.shift();
      if (waiter === undefined) return;
      const slot = waiter.choose(this.free) ?? this.free[0] ?? 0;
      this.free = this.free.filter((other) => other !== slot);
      waiter.admit({ slot, release: this.releaser(slot) });
    }
  }

  private releaser(slot: number): () => void {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.free.push(slot);
      this.free.sort((a, b) => a - b);
      this.admitWaiting();
    };
  }
}
