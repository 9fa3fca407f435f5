import { ModxError } from "@modx/errors";
import type { Decoded } from "../engine.ts";
import type { NativeDecoded } from "../native/surface.ts";
import type { DecodeRequest, StepShape } from "./step-loop.ts";

/** Where a decode's tokens lie in a pass. */
interface Share {
  offset: number;
  count: number;
  /** Tokens in the pass. */
  total: number;
  sampled: number | null;
}

/** A decode that waits for one or more passes, and what they have brought so far. */
export class PendingDecode {
  readonly request: DecodeRequest;
  readonly reject: (error: ModxError) => void;
  private readonly resolve: (decoded: Decoded) => void;
  private readonly shape: StepShape;
  private readings: Float32Array | undefined;
  private readonly residuals: Float32Array[];
  private done = 0;
  private stepMs = 0;
  private readMs = 0;

  constructor(
    request: DecodeRequest,
    shape: StepShape,
    resolve: (decoded: Decoded) => void,
    reject: (error: ModxError) => void,
  ) {
    this.request = request;
    this.shape = shape;
    this.resolve = resolve;
    this.reject = reject;
    const count = request.tokens.length;
    this.residuals = request.capture
      ? Array.from({ length: shape.taps }, () => new Float32Array(count * shape.width))
      : [];
  }

  /** Tokens not decoded yet. */
  get left(): number {
    return this.request.tokens.length - this.done;
  }

  copyInto(tokens: Int32Array, positions: Int32Array, at: number, count: number): void {
    tokens.set(this.request.tokens.subarray(this.done, this.done + count), at);
    for (let i = 0; i < count; i++) positions[at + i] = this.request.from + this.done + i;
  }

  take(decoded: NativeDecoded, { offset, count, total, sampled }: Share): void {
    const rows = decoded.readings.length / total;
    const { width } = this.shape;
    this.readings ??= new Float32Array(this.request.tokens.length * rows);
    if (this.readings.length !== this.request.tokens.length * rows) {
      this.done = this.request.tokens.length;
      this.reject(reboundError());
      return;
    }
    this.readings.set(decoded.readings.subarray(offset * rows, (offset + count) * rows), this.done * rows);
    this.residuals.forEach((residuals, tap) => {
      const start = (tap * total + offset) * width;
      residuals.set(decoded.residuals?.subarray(start, start + count * width) ?? [], this.done * width);
    });
    this.done += count;
    this.stepMs += decoded.stepMs;
    this.readMs += decoded.readMs;
    if (this.left > 0) return;
    this.resolve({
      readings: this.readings,
      ...(this.request.capture && { residuals: this.residuals }),
      next: sampled,
      stepMs: this.stepMs,
      readMs: this.readMs,
    });
  }
}

function reboundError(): ModxError {
  return new ModxError("MODX_ENGINE_BUSY", {
    what: "The readouts were replaced while a prompt was being read.",
    remedy: "Bind readouts before sequences start.",
  });
}
