import { Transient } from "./retry.ts";

/** No byte for this long: the connection is dead even if nobody says so. */
const STALL_MS = 60_000;

/** Ends a request that goes silent, that `outer` ends, or whose reader has gone. */
export class StallWatch {
  readonly signal: AbortSignal;
  readonly #silent = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(stallMs: number = STALL_MS, outer?: AbortSignal) {
    const silence = new Transient(`no byte for ${stallMs / 1000} s`);
    this.#timer = setTimeout(() => this.#silent.abort(silence), stallMs);
    this.signal = outer === undefined ? this.#silent.signal : AbortSignal.any([this.#silent.signal, outer]);
  }

  /** Something arrived. */
  seen(): void {
    this.#timer.refresh();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    // Closes the connection of an answer that was not read to its end.
    this.#silent.abort();
  }
}
