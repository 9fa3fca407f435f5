import type { Decoded } from "../engine.ts";
import { fromNative } from "../native/native-error.ts";
import type { NativeDecoded } from "../native/surface.ts";
import { featuresOf } from "../readout/dictionary.ts";
import { nothingAllowed } from "../sampling/nothing-allowed.ts";
import { type Sampled, sampledOf } from "./choices.ts";

/** One sequence's part in a pass that began before it was asked for. */
export interface AheadShare {
  /** Takes the part, once; null where the pass did not run. `goesOn`: the sequence will ask for the next token too. */
  claim(goesOn: boolean): Promise<Decoded | null>;
}

/**
 * A pass with the tokens that the one before it chooses. It runs while JavaScript still judges those tokens, so that the model
 * does not wait for it; a sequence that ends instead has had one pass too many.
 */
export class AheadPass {
  readonly slots: readonly number[];
  /** For each, how many likely tokens its sampler tells of. */
  readonly alternatives: readonly (number | null)[];
  /** When every sequence has asked for its part. */
  readonly allClaimed: Promise<void>;
  /** When the pass is over, well or not. */
  readonly finished: Promise<void>;
  private readonly decoded: Promise<NativeDecoded | null>;
  /** What it chose, for all sequences; null before the first takes its part. */
  private sampled: Sampled[] | null = null;
  private unclaimed: number;
  private ended = false;
  private resolveClaimed: () => void = () => undefined;

  constructor(
    running: Promise<NativeDecoded | null>,
    slots: readonly number[],
    alternatives: readonly (number | null)[],
  ) {
    this.slots = slots;
    this.alternatives = alternatives;
    this.decoded = running;
    this.unclaimed = slots.length;
    this.allClaimed = new Promise((resolve) => {
      this.resolveClaimed = resolve;
    });
    this.finished = running.then(
      () => undefined,
      () => undefined,
    );
  }

  /** Whether every sequence has asked for its part and for the next. */
  get goesOn(): boolean {
    return this.unclaimed === 0 && !this.ended;
  }

  share(index: number): AheadShare {
    return {
      claim: (goesOn) => {
        if (!goesOn) this.ended = true;
        this.unclaimed -= 1;
        if (this.unclaimed === 0) this.resolveClaimed();
        return this.part(index);
      },
    };
  }

  private async part(index: number): Promise<Decoded | null> {
    let decoded: NativeDecoded | null;
    try {
      decoded = await this.decoded;
    } catch (error) {
      throw fromNative(error);
    }
    if (decoded === null) return null;
    const { readings, stepMs, readMs } = decoded;
    const rows = readings.length / this.slots.length;
    this.sampled ??= sampledOf(decoded, this.alternatives);
    const { next = null, failed, choice } = this.sampled[index] ?? {};
    if (failed === true) throw nothingAllowed();
    return {
      readings: readings.slice(index * rows, (index + 1) * rows),
      next,
      ...(decoded.features !== undefined && { features: decoded.features.map((one) => featuresOf(one, index, 1)) }),
      ...(choice != null && { choice }),
      cached: 0,
      stepMs,
      readMs,
    };
  }
}
