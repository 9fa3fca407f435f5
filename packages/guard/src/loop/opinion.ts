import type { Verdict, Watch } from "@modx/monitor";
import { askBase, type BoundBase } from "../open/base-lane.ts";
import type { Guard } from "../open/open-guard.ts";

/** The base's opinion of one request: asked once, and only where a verdict depends on it or the guard wants exact scores. */
export class Opinion {
  /** Null once it was asked, and where there is none. */
  private base: BoundBase | null;
  private readonly exact: boolean;
  private readonly watch: Watch;
  private readonly prompt: Int32Array;
  private readonly signal: AbortSignal | undefined;

  constructor({ base, exact }: Guard, watch: Watch, prompt: Int32Array, signal?: AbortSignal) {
    this.base = base;
    this.exact = exact;
    this.watch = watch;
    this.prompt = prompt;
    this.signal = signal;
  }

  /** The verdicts of a token, with the base's opinion in them where it matters. Throws the signal's reason when it aborts meanwhile. */
  async settle(verdicts: Verdict[]): Promise<Verdict[]> {
    const { base, exact, watch } = this;
    if (base === null || !(exact ? watch.readsBase : watch.wantsBase)) return verdicts;
    this.base = null;
    return watch.onBase(await askBase(base, this.prompt, this.signal));
  }
}
