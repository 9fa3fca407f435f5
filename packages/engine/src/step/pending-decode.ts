import { ModxError } from "@modx/errors";
import type { Decoded } from "../engine.ts";
import type { NativeDecoded } from "../native/surface.ts";
import { type ActiveFeatures, featuresOf, joinFeatures } from "../readout/dictionary.ts";
import { nothingAllowed } from "../sampling/nothing-allowed.ts";
import type { Sampled } from "./choices.ts";
import type { DecodeRequest, StepShape } from "./decode-request.ts";

/** Where a decode's tokens lie in a pass. */
interface Share {
  offset: number;
  count: number;
  /** Tokens in the pass. */
  total: number;
  /** Null where nothing was sampled in this pass. */
  sampled: Sampled | null;
}

/** A decode that waits for one or more passes, and what they have brought so far. */
export class PendingDecode {
  readonly request: DecodeRequest;
  readonly reject: (error: ModxError) => void;
  private readonly resolve: (decoded: Decoded) => void;
  private readonly shape: StepShape;
  private readings: Float32Array | undefined;
  private readonly residuals: Float32Array[];
  private readonly logProbabilities: Float32Array | undefined;
  private features: ActiveFeatures[] | undefined;
  private done = 0;
  /** By which rows its tokens are read, and whether others were bound meanwhile. */
  private readBy: number | null;
  private rebound = false;
  private stepMs = 0;
  private readMs = 0;

  constructor(
    request: DecodeRequest,
    shape: StepShape,
    resolve: (decoded: Decoded) => void,
    reject: (error: ModxError) => void,
  ) {
    this.request = request;
    this.readBy = request.readBy;
    this.shape = shape;
    this.resolve = resolve;
    this.reject = reject;
    const count = request.tokens.length;
    if (request.likelihoodFrom !== null) this.logProbabilities = new Float32Array(count - request.likelihoodFrom);
    this.residuals = request.capture
      ? Array.from({ length: shape.taps }, () => new Float32Array(count * shape.width))
      : [];
  }

  /** Tokens not decoded yet. */
  get left(): number {
    return this.request.tokens.length - this.done;
  }

  /** Its next tokens, for a pass that begins now. */
  copyInto(tokens: Int32Array, positions: Int32Array, at: number, count: number): void {
    const bound = this.request.bindings();
    this.readBy ??= bound;
    if (this.readBy !== bound) this.rebound = true;
    tokens.set(this.request.tokens.subarray(this.done, this.done + count), at);
    for (let i = 0; i < count; i++) positions[at + i] = this.request.from + this.done + i;
  }

  /** The token behind each whose log probability is wanted; it may be part of a later pass. */
  copyTargetsInto(targets: Int32Array, at: number, count: number): void {
    const { tokens, likelihoodFrom } = this.request;
    if (likelihoodFrom === null) return;
    for (let i = 0; i < count; i++) {
      const next = this.done + i + 1;
      if (next >= likelihoodFrom) targets[at + i] = tokens[next] ?? -1;
    }
  }

  take(decoded: NativeDecoded, { offset, count, total, sampled }: Share): void {
    const rows = decoded.readings.length / total;
    const { width } = this.shape;
    this.readings ??= new Float32Array(this.request.tokens.length * rows);
    if (this.rebound) {
      this.done = this.request.tokens.length;
      this.reject(reboundError());
      return;
    }
    this.readings.set(decoded.readings.subarray(offset * rows, (offset + count) * rows), this.done * rows);
    this.residuals.forEach((residuals, tap) => {
      const start = (tap * total + offset) * width;
      residuals.set(decoded.residuals?.subarray(start, start + count * width) ?? [], this.done * width);
    });
    this.takeLikelihood(decoded, offset, count);
    const active = decoded.features?.map((one) => featuresOf(one, offset, count));
    this.features = active?.map((one, i) => {
      const earlier = this.features?.[i];
      return earlier === undefined ? one : joinFeatures(earlier, one);
    });
    this.done += count;
    this.stepMs += decoded.stepMs;
    this.readMs += decoded.readMs;
    if (this.left > 0) return;
    if (sampled?.failed === true) {
      this.reject(nothingAllowed());
      return;
    }
    this.resolve({
      readings: this.readings,
      ...(this.request.capture && { residuals: this.residuals }),
      ...(this.logProbabilities !== undefined && { logProbabilities: this.logProbabilities }),
      ...(this.features !== undefined && { features: this.features }),
      next: sampled?.next ?? null,
      ...(sampled?.choice != null && { choice: sampled.choice }),
      cached: 0,
      stepMs: this.stepMs,
      readMs: this.readMs,
    });
  }

  private takeLikelihood({ logProbabilities }: NativeDecoded, offset: number, count: number): void {
    const first = this.request.likelihoodFrom;
    if (first === null) return;
    for (let i = 0; i < count; i++) {
      const at = this.done + i + 1 - first;
      if (at >= 0 && this.logProbabilities !== undefined && at < this.logProbabilities.length)
        this.logProbabilities[at] = logProbabilities?.[offset + i] ?? Number.NaN;
    }
  }
}

function reboundError(): ModxError {
  return new ModxError("MODX_ENGINE_BUSY", {
    what: "The readouts were replaced while a prompt was being read.",
    remedy: "Bind readouts before sequences start.",
  });
}
