import type { TokenEvent } from "../events.ts";

/** Judged tokens that wait until enough of their successors are clear. */
export class HoldBack {
  private readonly held: TokenEvent[] = [];
  private readonly size: number;

  constructor(hold: number | "all") {
    this.size = hold === "all" ? Number.POSITIVE_INFINITY : hold;
  }

  /** Takes a clear token; returns those that may leave now. */
  push(event: TokenEvent): TokenEvent[] {
    this.held.push(event);
    return this.held.splice(0, Math.max(0, this.held.length - this.size + 1));
  }

  /** All that still waits, in order. */
  drain(): TokenEvent[] {
    return this.held.splice(0);
  }
}
