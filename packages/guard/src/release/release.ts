import type { Choice, TokenText } from "@modx/engine";
import type { Verdict } from "@modx/monitor";
import type { TokenEvent } from "../events.ts";
import type { Policy } from "../policy.ts";
import { HoldBack } from "./hold-back.ts";
import { StopStrings } from "./stop-strings.ts";

export interface JudgedToken {
  index: number;
  token: number;
  verdicts: Verdict[];
  readings: Float32Array;
  choice?: Choice;
}

/** The door that tokens leave by: turns them into text, holds them back, and counts what is out. */
export class Release {
  /** Response tokens that have left. */
  released = 0;
  private readonly text: TokenText;
  private readonly stops: StopStrings;
  private readonly holdBack: HoldBack;

  constructor(text: TokenText, stop: readonly string[], policy: Policy) {
    this.text = text;
    this.stops = new StopStrings(stop);
    this.holdBack = new HoldBack(policy.hold);
  }

  /** Whether the response ended at a stop string. */
  get stopped(): boolean {
    return this.stops.stopped;
  }

  /** Takes a clear token; returns the tokens that leave now. */
  clear(token: JudgedToken): TokenEvent[] {
    return this.letOut(this.holdBack.push(this.event(token)));
  }

  /** Takes the token at which the response is halted; returns all that stay behind. */
  halt(token: JudgedToken): TokenEvent[] {
    return [...this.holdBack.drain(), this.event(token)];
  }

  /** The response is complete: returns what waited, and text that no token completed (a cut character). */
  end(): { events: TokenEvent[]; tail: string } {
    return {
      events: this.letOut(this.holdBack.drain()),
      tail: this.stops.push(this.text.flush()) + this.stops.flush(),
    };
  }

  private event(token: JudgedToken): TokenEvent {
    return { type: "token", ...token, text: this.stops.push(this.text.push(token.token)), released: false };
  }

  private letOut(events: TokenEvent[]): TokenEvent[] {
    this.released += events.length;
    return events.map((event) => ({ ...event, released: true }));
  }
}
