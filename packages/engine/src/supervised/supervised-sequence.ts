import { ModxError } from "@modx/errors";
import type { Edits } from "../edits/edit.ts";
import type { Decoded, DecodeOptions, Mark, Sequence } from "../engine.ts";
import type { EngineProcess } from "./engine-process.ts";

/** A sequence in a child process; it ends with that process. */
export class SupervisedSequence implements Sequence {
  length = 0;
  private open = true;
  private readonly process: EngineProcess;
  private readonly sequence: number;

  constructor(process: EngineProcess, sequence: number) {
    this.process = process;
    this.sequence = sequence;
  }

  async decode(tokens: Int32Array, options: DecodeOptions = {}): Promise<Decoded> {
    this.checkOpen();
    const decoded = await this.process.ask("decode", { sequence: this.sequence, tokens, options });
    this.length += tokens.length;
    return decoded;
  }

  async mark(): Promise<Mark> {
    this.checkOpen();
    return this.process.ask("mark", this.sequence);
  }

  async rewind(to: number | Mark): Promise<boolean> {
    this.checkOpen();
    const removed = await this.process.ask("rewind", { sequence: this.sequence, to });
    if (removed) this.length = typeof to === "number" ? to : to.length;
    return removed;
  }

  async edit(edits: Edits | null): Promise<void> {
    this.checkOpen();
    await this.process.ask("edit", { sequence: this.sequence, edits });
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.process.ask("end", this.sequence).catch(() => undefined);
  }

  private checkOpen(): void {
    if (!this.open)
      throw new ModxError("MODX_ENGINE_DISPOSED", { what: "The sequence was closed.", remedy: "Start a new one." });
  }
}
