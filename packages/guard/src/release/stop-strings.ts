/** Lets text through up to the first stop string; text that could still become one waits. */
export class StopStrings {
  private waiting = "";
  private readonly stops: readonly string[];
  stopped = false;

  constructor(stops: readonly string[]) {
    this.stops = stops.filter((stop) => stop !== "");
  }

  /** The text that may leave. After `stopped` nothing more does. */
  push(text: string): string {
    if (this.stopped) return "";
    this.waiting += text;
    const at = this.stops.map((stop) => this.waiting.indexOf(stop)).filter((index) => index >= 0);
    if (at.length > 0) {
      this.stopped = true;
      return this.waiting.slice(0, Math.min(...at));
    }
    const keep = this.longestPartial();
    const out = this.waiting.slice(0, this.waiting.length - keep);
    this.waiting = this.waiting.slice(this.waiting.length - keep);
    return out;
  }

  /** What waited, once no more text comes. */
  flush(): string {
    const rest = this.stopped ? "" : this.waiting;
    this.waiting = "";
    return rest;
  }

  /** Length of the longest end of the waiting text that begins a stop string. */
  private longestPartial(): number {
    let longest = 0;
    for (const stop of this.stops) {
      for (let length = Math.min(stop.length - 1, this.waiting.length); length > longest; length--) {
        if (this.waiting.endsWith(stop.slice(0, length))) longest = length;
      }
    }
    return longest;
  }
}
