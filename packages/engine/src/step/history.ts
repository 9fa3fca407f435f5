import type { Held } from "./prompt-cache.ts";

/** The tokens of a sequence with their readings, in the order of its memory. */
export class History {
  private tokens: number[] = [];
  private readings = new Float32Array();
  private rows = 0;

  /** Begins with what the memory holds already, cut to `length` tokens. */
  static from({ tokens, readings, rows }: Held, length: number): History {
    const history = new History();
    history.tokens = tokens.slice(0, length);
    history.readings = readings.slice(0, length * rows);
    history.rows = rows;
    return history;
  }

  add(tokens: Int32Array, readings: Float32Array): void {
    const before = this.tokens.length * this.rows;
    this.rows = readings.length / tokens.length;
    const needed = before + readings.length;
    if (needed > this.readings.length) {
      const larger = new Float32Array(Math.max(needed, 2 * this.readings.length));
      larger.set(this.readings);
      this.readings = larger;
    }
    this.readings.set(readings, before);
    for (const token of tokens) this.tokens.push(token);
  }

  cut(length: number): void {
    this.tokens.length = Math.min(length, this.tokens.length);
  }

  /** The readings of the first tokens. */
  readingsOf(length: number): Float32Array {
    return this.readings.slice(0, length * this.rows);
  }

  held(): Held {
    const { tokens, rows } = this;
    return { tokens: [...tokens], rows, readings: this.readingsOf(tokens.length) };
  }
}
