import type { Verdict, Watch } from "@modx/monitor";
import { askBase } from "../open/base-lane.ts";
import type { Guard } from "../open/open-guard.ts";

/** The base's opinion of one request: asked once, and only where a verdict depends on it or the guard wants exact scores. */
export class Opinion {
  private asked = false;
  private readonly guard: Guard;
  private readonly watch: Watch;
  private readonly prompt: Int32Array;

  constructor(guard: Guard, watch: Watch, prompt: Int32Array) {
    this.guard = guard;
    this.watch = watch;
    this.prompt = prompt;
  }

  /** The verdicts of a token, with the base's opinion in them where it matters. */
  async settle(verdicts: Verdict[]): Promise<Verdict[]> {
    const { base, exact } = this.guard;
    const wanted = this.watch.wantsBase || (exact && this.watch.readsBase);
    if (this.asked || !wanted || base === null) return verdicts;
    this.asked = true;
    return this.watch.onBase(await askBase(base, this.prompt));
  }
}
