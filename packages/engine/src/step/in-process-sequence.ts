import { ModxError } from "@modx/errors";
import { type Edits, layOutEdits } from "../edits/edit.ts";
import type { Decoded, DecodeOptions, Mark, Sequence } from "../engine.ts";
import type { ModelFacts } from "../model/model-facts.ts";
import type { NativeContext, NativeSampler } from "../native/surface.ts";
import type { Reservation } from "./admission.ts";
import type { DecodeRequest } from "./decode-request.ts";
import { History } from "./history.ts";
import { Marks, MOST_MARKS } from "./marks.ts";
import { commonLength, type PromptCache } from "./prompt-cache.ts";
import type { StepLoop } from "./step-loop.ts";

export interface SequenceParts {
  model: Pick<ModelFacts, "architecture" | "layers" | "width">;
  /** Whether the engine was opened with edits. */
  edits: boolean;
  cache: PromptCache;
  /** How often rows have been bound by now. */
  bindings: () => number;
  loop: StepLoop;
  context: NativeContext;
  reservation: Reservation;
  sampler: NativeSampler;
  /** Likely tokens that the sampler tells of beside the chosen one; null where of nothing. */
  alternatives: number | null;
  maxTokens: number;
}

/** A sequence of the in-process engine: a slot of the context's memory and a sampler. */
export class InProcessSequence implements Sequence {
  length = 0;
  private open = true;
  private decoding = false;
  /** The token whose pass may have begun, and the one that was chosen last. */
  private expected: number | null = null;
  private chosen: number | null = null;
  private readonly loop: StepLoop;
  private readonly context: NativeContext;
  private readonly reservation: Reservation;
  private sampler: NativeSampler;
  private readonly marks = new Marks();
  private edited = false;
  /** What memory holds and was read by the rows that are bound; null where something else happened to it. */
  private history: History | null = new History();
  private readonly born: number;
  /** Number of the binding whose readings were found in memory. */
  private readBy: number | null = null;
  private readonly parts: Pick<SequenceParts, "model" | "edits" | "cache" | "bindings">;
  private readonly alternatives: number | null;
  private readonly maxTokens: number;

  constructor({ loop, context, reservation, sampler, alternatives, maxTokens, ...rest }: SequenceParts) {
    this.parts = rest;
    this.born = rest.bindings();
    this.loop = loop;
    this.context = context;
    this.reservation = reservation;
    this.sampler = sampler;
    this.alternatives = alternatives;
    this.maxTokens = maxTokens;
  }

  async decode(
    tokens: Int32Array,
    { sample = false, capture = false, likelihoodFrom, ahead = false }: DecodeOptions = {},
  ): Promise<Decoded> {
    this.checkIdle();
    if (tokens.length === 0) throw misuse("MODX_ENGINE_ARGUMENT", "There is no token to decode.", "Give at least one.");
    if (this.length + tokens.length > this.maxTokens) {
      throw misuse(
        "MODX_ENGINE_TOO_LONG",
        `${this.length + tokens.length} tokens exceed the ${this.maxTokens} that this sequence reserved.`,
        "Reserve more with maxTokens.",
      );
    }
    if (
      likelihoodFrom !== undefined &&
      !(Number.isInteger(likelihoodFrom) && likelihoodFrom >= 1 && likelihoodFrom <= tokens.length)
    ) {
      throw misuse(
        "MODX_ENGINE_ARGUMENT",
        `Log probabilities cannot be given from token ${likelihoodFrom} of ${tokens.length} on.`,
        "Give a whole number from 1 to their number.",
      );
    }
    if (
      this.expected !== null &&
      (tokens.length > 1 || tokens[0] !== this.expected || capture || likelihoodFrom !== undefined)
    )
      throw aheadMisuse(this.expected);
    const goesOn = ahead && sample && this.length + tokens.length < this.maxTokens;
    // what the sampler chose it knows
    if (tokens.length > 1 || tokens[0] !== this.chosen) this.sampler.see(tokens);
    this.decoding = true;
    try {
      const plain = !capture && likelihoodFrom === undefined && !this.edited;
      const cached = this.length > 0 ? 0 : await this.takeMemory(plain ? tokens : null);
      const rest = tokens.subarray(cached);
      const request = {
        slot: this.reservation.slot,
        from: this.length + cached,
        tokens: rest,
        sampler: sample ? this.sampler : null,
        alternatives: this.alternatives,
        capture,
        likelihoodFrom: likelihoodFrom ?? null,
        ahead: goesOn,
        bindings: this.parts.bindings,
        readBy: cached > 0 ? this.readBy : null,
      };
      const earlier = cached === 0 ? null : (this.history?.readingsOf(cached) ?? null);
      const found = await this.decodeOrForget(request);
      this.remember(rest, found);
      const decoded = earlier === null ? found : { ...found, cached, readings: joined(earlier, found.readings) };
      this.length += tokens.length;
      this.expected = goesOn ? decoded.next : null;
      this.chosen = sample ? decoded.next : null;
      return sample ? decoded : { ...decoded, next: null };
    } finally {
      this.decoding = false;
    }
  }

  /**
   * Before the first decode: leaves in memory what it holds of `tokens` already, and nothing else. Returns how many tokens that are; the last
   * one is always decoded, as what follows it is to be chosen.
   */
  private async takeMemory(tokens: Int32Array | null): Promise<number> {
    const { slot } = this.reservation;
    let kept = 0;
    await this.loop.whileIdle(() => {
      // the slot may be another's by now
      this.checkOpen();
      // a pass that ran ahead for who was here before is nobody's
      this.loop.forget(slot);
      // not before: rows that are bound meanwhile empty the cache
      const held = this.parts.cache.take(slot);
      const common =
        held === null || tokens === null ? 0 : Math.min(commonLength(held.tokens, tokens), tokens.length - 1);
      if (held !== null && common > 0 && this.context.remove(slot, common)) {
        kept = common;
        this.history = History.from(held, kept);
        this.readBy = this.parts.bindings();
      } else this.context.remove(slot, 0);
    });
    this.checkOpen();
    return kept;
  }

  /** After a failure nobody knows what memory holds. */
  private async decodeOrForget(request: DecodeRequest): Promise<Decoded> {
    try {
      return await this.loop.decode(request);
    } catch (error) {
      this.history = null;
      throw error;
    }
  }

  /** Notes what memory holds, where its readings are those that whoever comes next would get. */
  private remember(tokens: Int32Array, { readings, features }: Decoded): void {
    const usable = !this.edited && features === undefined && this.parts.bindings() === this.born;
    if (usable && this.open) this.history?.add(tokens, readings);
    else this.history = null;
  }

  async mark(): Promise<Mark> {
    this.checkIdle();
    // the pass that runs ahead is choosing with the sampler
    if (this.expected !== null) throw aheadMisuse(this.expected);
    return this.marks.add({ length: this.length, chosen: this.chosen, sampler: this.sampler.copy() });
  }

  async rewind(to: number | Mark): Promise<boolean> {
    this.checkIdle();
    const mark = typeof to === "number" ? null : this.marks.find(to);
    if (mark === undefined) {
      throw misuse(
        "MODX_ENGINE_ARGUMENT",
        "The mark is of another sequence, or of a place that is gone.",
        `Use the sequence's own, of which it keeps the last ${MOST_MARKS} that lie in its memory.`,
      );
    }
    const length = mark?.length ?? Number(to);
    if (!Number.isInteger(length) || length < 1 || length > this.length) {
      throw misuse(
        "MODX_ENGINE_ARGUMENT",
        `The sequence has ${this.length} tokens and cannot go back to ${length}.`,
        "Give a whole number from 1 to its length.",
      );
    }
    if (this.expected !== null) throw aheadMisuse(this.expected);
    this.decoding = true;
    try {
      let removed = false;
      await this.loop.whileIdle(() => {
        // the slot may be another's by now
        this.checkOpen();
        removed = this.context.remove(this.reservation.slot, length);
      });
      this.checkOpen();
      if (removed) {
        this.length = length;
        this.history?.cut(length);
        this.marks.cut(length);
        // the mark may be gone back to again
        if (mark !== null) {
          this.sampler.dispose();
          this.sampler = mark.sampler.copy();
        }
        this.chosen = mark?.chosen ?? null;
      }
      return removed;
    } finally {
      this.decoding = false;
    }
  }

  async edit(edits: Edits | null): Promise<void> {
    this.checkIdle();
    if (!this.parts.edits)
      throw misuse("MODX_ENGINE_ARGUMENT", "The engine was opened without edits.", "Open it with edits: true.");
    if (this.expected !== null) throw aheadMisuse(this.expected);
    const laidOut = layOutEdits(edits ?? { edits: [] }, this.parts.model);
    this.edited = laidOut.edits.length > 0;
    if (this.edited) this.history = null;
    await this.loop.whileIdle(() => this.context.edit(this.reservation.slot, laidOut.from, laidOut.edits));
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.loop.forget(this.reservation.slot);
    this.sampler.dispose();
    this.marks.cut(-1);
    // a pass that runs may go on writing
    if (this.decoding) this.history = null;
    // What memory holds is left to who begins alike; anybody else removes it first, once no pass runs.
    const { cache, bindings } = this.parts;
    const { slot } = this.reservation;
    if (this.history !== null && this.length > 0 && bindings() === this.born) cache.keep(slot, this.history.held());
    if (!this.edited) {
      this.reservation.release();
      return;
    }
    // After a failure the slot stays taken: nobody else may be edited.
    void this.loop
      .whileIdle(() => this.context.edit(slot, 0, []))
      .then(
        () => this.reservation.release(),
        () => undefined,
      );
  }

  private checkOpen(): void {
    if (!this.open)
      throw new ModxError("MODX_ENGINE_DISPOSED", { what: "The sequence was closed.", remedy: "Start a new one." });
  }

  private checkIdle(): void {
    this.checkOpen();
    if (this.decoding) throw misuse("MODX_ENGINE_BUSY", "A decode of this sequence is still running.", "Wait for it.");
  }
}

function joined(earlier: Float32Array, later: Float32Array): Float32Array {
  const all = new Float32Array(earlier.length + later.length);
  all.set(earlier);
  all.set(later, earlier.length);
  return all;
}

function aheadMisuse(token: number): ModxError {
  return misuse(
    "MODX_ENGINE_ARGUMENT",
    `The pass for token ${token} was to be next.`,
    "Decode what was chosen, without capture, or leave ahead out.",
  );
}

function misuse(
  code: "MODX_ENGINE_BUSY" | "MODX_ENGINE_ARGUMENT" | "MODX_ENGINE_TOO_LONG",
  what: string,
  remedy: string,
): ModxError {
  return new ModxError(code, { what, remedy });
}
