import { ModxError } from "@modx/errors";
import type { Decoded } from "../engine.ts";
import { fromNative } from "../native/native-error.ts";
import type { NativeContext, NativeDecoded, NativeSampler } from "../native/surface.ts";
import { PendingDecode } from "./pending-decode.ts";

export interface StepShape {
  taps: number;
  width: number;
  /** Most tokens in one pass. */
  batch: number;
}

export interface DecodeRequest {
  slot: number;
  /** Position of the first token. */
  from: number;
  tokens: Int32Array;
  /** Chooses the next token, or null. */
  sampler: NativeSampler | null;
  capture: boolean;
}

/**
 * Runs one pass after another while any sequence waits for one; prompts longer than a batch take several. Work that needs
 * an idle context runs between passes.
 */
export class StepLoop {
  private waiting: PendingDecode[] = [];
  private between: (() => void)[] = [];
  private running = false;
  private closed = false;
  private longTurn = false;
  private readonly context: NativeContext;
  private readonly shape: StepShape;

  constructor(context: NativeContext, shape: StepShape) {
    this.context = context;
    this.shape = shape;
  }

  decode(request: DecodeRequest): Promise<Decoded> {
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(closedError());
      this.waiting.push(new PendingDecode(request, this.shape, resolve, reject));
      this.wake();
    });
  }

  /** Runs `work` while no pass is running. */
  whileIdle(work: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.between.push(() => {
        try {
          resolve(work());
        } catch (error) {
          reject(fromNative(error));
        }
      });
      this.wake();
    });
  }

  /** Drops what a slot still waits for; a pass that runs already is not stopped. */
  forget(slot: number): void {
    for (const pending of this.waiting) if (pending.request.slot === slot) pending.reject(closedError());
    this.waiting = this.waiting.filter((pending) => pending.request.slot !== slot);
  }

  /** Ends what waits with MODX_ENGINE_DISPOSED and resolves when the context is idle. */
  close(dispose: () => void): Promise<void> {
    this.closed = true;
    for (const pending of this.waiting.splice(0)) pending.reject(closedError());
    return this.whileIdle(dispose);
  }

  private wake(): void {
    if (this.running) return;
    this.running = true;
    // Sequences that were answered by the last pass ask for the next one in this turn of the event loop; let all of them.
    setImmediate(() => void this.run());
  }

  private async run(): Promise<void> {
    for (const work of this.between.splice(0)) work();
    if (this.waiting.length > 0) await this.pass();
    this.running = false;
    if (this.waiting.length > 0 || this.between.length > 0) this.wake();
  }

  private async pass(): Promise<void> {
    const members = this.members();
    const total = members.reduce((sum, { count }) => sum + count, 0);
    const tokens = new Int32Array(total);
    const positions = new Int32Array(total);
    const slots = new Int32Array(total);
    const outputs = new Uint8Array(total);
    const samplers: (NativeSampler | null)[] = [];
    let at = 0;
    for (const { pending, count } of members) {
      pending.copyInto(tokens, positions, at, count);
      slots.fill(pending.request.slot, at, at + count);
      at += count;
      if (pending.request.sampler !== null && count === pending.left) {
        outputs[at - 1] = 1;
        samplers.push(pending.request.sampler);
      }
    }
    const capture = members.some(({ pending }) => pending.request.capture);
    let decoded: NativeDecoded;
    try {
      decoded = await this.context.decode(tokens, positions, slots, outputs, samplers, capture);
    } catch (error) {
      const failure = fromNative(error);
      this.waiting = this.waiting.filter((pending) => !members.some((member) => member.pending === pending));
      for (const { pending } of members) pending.reject(failure);
      return;
    }
    let offset = 0;
    let output = 0;
    for (const { pending, count } of members) {
      const sampled = outputs[offset + count - 1] === 1 ? (decoded.sampled[output++] ?? null) : null;
      pending.take(decoded, { offset, count, total, sampled });
      offset += count;
    }
    this.waiting = this.waiting.filter((pending) => pending.left > 0);
  }

  /**
   * Who takes part. Several sequences share a pass with one token each; longer work has a pass to itself, in turns with
   * the others, so that a long prompt does not stall them. Slots in order: llama.cpp joins neighbours only.
   */
  private members(): { pending: PendingDecode; count: number }[] {
    const single = this.waiting.filter((pending) => pending.left === 1);
    const long = this.waiting.find((pending) => pending.left > 1);
    this.longTurn = long !== undefined && (single.length === 0 || !this.longTurn);
    if (long !== undefined && this.longTurn) return [{ pending: long, count: Math.min(long.left, this.shape.batch) }];
    return single
      .sort((a, b) => a.request.slot - b.request.slot)
      .slice(0, this.shape.batch)
      .map((pending) => ({ pending, count: 1 }));
  }
}

function closedError(): ModxError {
  return new ModxError("MODX_ENGINE_DISPOSED", {
    what: "The sequence or its engine was closed.",
    remedy: "Start a new one.",
  });
}
