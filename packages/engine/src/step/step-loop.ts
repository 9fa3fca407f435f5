import { ModxError } from "@modx/errors";
import type { Decoded } from "../engine.ts";
import { fromNative } from "../native/native-error.ts";
import type { NativeContext, NativeDecoded, NativeSampler } from "../native/surface.ts";
import { AheadPass, type AheadShare } from "./ahead-pass.ts";
import { sampledOf } from "./choices.ts";
import type { DecodeRequest, StepShape } from "./decode-request.ts";
import { PendingDecode } from "./pending-decode.ts";

/** Tokens of a prompt that are read at a time while others wait for their next token. What is read does not depend on it. */
const CHUNK_IN_COMPANY = 64;

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
  /** When the pass that runs began. */
  private passBegan: number | null = null;
  /** What each slot's next request will find begun. */
  private readonly ahead = new Map<number, AheadShare>();
  /** Slots that wait for such a part. */
  private readonly claiming = new Set<number>();
  private readonly context: NativeContext;
  private readonly shape: StepShape;

  constructor(context: NativeContext, shape: StepShape) {
    this.context = context;
    this.shape = shape;
  }

  async decode(request: DecodeRequest): Promise<Decoded> {
    const begun = this.ahead.get(request.slot);
    if (begun === undefined) return this.enqueue(request);
    this.ahead.delete(request.slot);
    this.claiming.add(request.slot);
    const decoded = await begun.claim(request.ahead);
    if (!this.claiming.delete(request.slot)) throw closedError();
    return decoded ?? this.enqueue(request);
  }

  private enqueue(request: DecodeRequest): Promise<Decoded> {
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
    this.ahead.delete(slot);
    this.claiming.delete(slot);
    for (const pending of this.waiting) if (pending.request.slot === slot) pending.reject(closedError());
    this.waiting = this.waiting.filter((pending) => pending.request.slot !== slot);
  }

  /** Ends what waits with MODX_ENGINE_DISPOSED and resolves when the context is idle. */
  close(dispose: () => void): Promise<void> {
    this.closed = true;
    for (const pending of this.waiting.splice(0)) pending.reject(closedError());
    return this.whileIdle(dispose);
  }

  /** How long the pass that runs has been running, the waiting for other lanes' passes included; 0 where none does. */
  passMs(): number {
    return this.passBegan === null ? 0 : performance.now() - this.passBegan;
  }

  private wake(): void {
    if (this.running) return;
    this.running = true;
    // Sequences that were answered by the last pass ask for the next one in this turn of the event loop; let all of them.
    setImmediate(() => void this.run());
  }

  private async run(): Promise<void> {
    for (const work of this.between.splice(0)) work();
    let ahead = this.waiting.length > 0 ? await this.pass() : undefined;
    while (ahead !== undefined) ahead = await this.passAhead(ahead);
    this.running = false;
    if (this.waiting.length > 0 || this.between.length > 0) this.wake();
  }

  /** Runs one pass with what waits; returns the pass behind it where one has begun. */
  private async pass(): Promise<AheadPass | undefined> {
    const members = this.members();
    const total = members.reduce((sum, { count }) => sum + count, 0);
    const tokens = new Int32Array(total);
    const positions = new Int32Array(total);
    const slots = new Int32Array(total);
    const outputs = new Uint8Array(total);
    const samplers: (NativeSampler | null)[] = [];
    const alternatives: (number | null)[] = [];
    // most passes want none
    const targets = members.some(({ pending }) => pending.request.likelihoodFrom !== null)
      ? new Int32Array(total).fill(-1)
      : null;
    let at = 0;
    for (const { pending, count } of members) {
      pending.copyInto(tokens, positions, at, count);
      if (targets !== null) pending.copyTargetsInto(targets, at, count);
      slots.fill(pending.request.slot, at, at + count);
      at += count;
      if (pending.request.sampler !== null && count === pending.left) {
        outputs[at - 1] = 1;
        samplers.push(pending.request.sampler);
        alternatives.push(pending.request.alternatives);
      }
    }
    const capture = members.some(({ pending }) => pending.request.capture);
    const goOn = members.every(({ pending, count }) => pending.request.ahead && count === pending.left);
    const alone = this.waiting.length === members.length;
    let ahead: AheadPass | undefined;
    let decoded: NativeDecoded;
    this.passBegan = performance.now();
    try {
      const running = this.context.decode(tokens, positions, slots, outputs, samplers, capture, targets);
      if (goOn && alone)
        ahead = this.goAhead(
          members.map(({ pending }) => pending.request.slot),
          alternatives,
        );
      decoded = await running;
    } catch (error) {
      const failure = fromNative(error);
      this.waiting = this.waiting.filter((pending) => !members.some((member) => member.pending === pending));
      for (const { pending } of members) pending.reject(failure);
      return ahead;
    } finally {
      this.passBegan = ahead === undefined ? null : performance.now();
    }
    let offset = 0;
    let output = 0;
    const outcomes = sampledOf(decoded, alternatives);
    for (const { pending, count } of members) {
      const sampled = outputs[offset + count - 1] === 1 ? (outcomes[output++] ?? null) : null;
      pending.take(decoded, { offset, count, total, sampled });
      offset += count;
    }
    this.waiting = this.waiting.filter((pending) => pending.left > 0);
    return ahead;
  }

  /** Begins the pass for the tokens that the last one chooses, before anyone asks for it. */
  private goAhead(slots: readonly number[], alternatives: readonly (number | null)[]): AheadPass {
    const ahead = new AheadPass(this.context.follow(), slots, alternatives);
    for (const [index, slot] of slots.entries()) this.ahead.set(slot, ahead.share(index));
    return ahead;
  }

  /** Waits for a pass that has begun; where all of its sequences want to go on and nothing else waits, the next begins. */
  private async passAhead(pass: AheadPass): Promise<AheadPass | undefined> {
    await Promise.race([pass.allClaimed, pass.finished]);
    const alone = this.waiting.length === 0 && this.between.length === 0 && !this.closed;
    const next = pass.goesOn && alone ? this.goAhead(pass.slots, pass.alternatives) : undefined;
    await pass.finished;
    this.passBegan = next === undefined ? null : performance.now();
    return next;
  }

  /**
   * Who takes part. Several sequences share a pass with one token each; longer work has a pass to itself, in turns with
   * the others, so that a long prompt does not stall them. Slots in order: llama.cpp joins neighbours only.
   */
  private members(): { pending: PendingDecode; count: number }[] {
    const single = this.waiting.filter((pending) => pending.left === 1);
    const long = this.waiting.find((pending) => pending.left > 1);
    this.longTurn = long !== undefined && (single.length === 0 || !this.longTurn);
    if (long !== undefined && this.longTurn) {
      const most = single.length === 0 ? this.shape.batch : Math.min(CHUNK_IN_COMPANY, this.shape.batch);
      return [{ pending: long, count: Math.min(long.left, most) }];
    }
    return single
      .slice(0, Math.min(this.shape.together, this.shape.batch))
      .sort((a, b) => a.request.slot - b.request.slot)
      .map((pending) => ({ pending, count: 1 }));
  }
}

function closedError(): ModxError {
  return new ModxError("MODX_ENGINE_DISPOSED", {
    what: "The sequence or its engine was closed.",
    remedy: "Start a new one.",
  });
}
