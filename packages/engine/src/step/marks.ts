import type { Mark } from "../engine.ts";
import type { NativeSampler } from "../native/surface.ts";

/** What going back to a mark brings back beside the memory. */
export interface Marked {
  length: number;
  sampler: NativeSampler;
  chosen: number | null;
}

/** Marks of a sequence that can be gone back to: a sampler's state may be as large as the vocabulary. */
export const MOST_MARKS = 8;

/** Ids are no other sequence's either: whoever takes the mark of one for the other's is told. */
let marked = 0;

/** Places of a sequence that can be gone back to, the last few. */
export class Marks {
  private readonly kept = new Map<number, Marked>();

  /** Takes the sampler over. */
  add(one: Marked): Mark {
    const id = ++marked;
    this.kept.set(id, one);
    const [oldest] = this.kept.keys();
    if (this.kept.size > MOST_MARKS && oldest !== undefined) this.forget(oldest);
    return { length: one.length, id };
  }

  /** Undefined for one of another sequence, and for one that was forgotten. */
  find({ id }: Mark): Marked | undefined {
    return this.kept.get(id);
  }

  /** Forgets the places that are no longer in memory. */
  cut(length: number): void {
    for (const [id, one] of this.kept) if (one.length > length) this.forget(id);
  }

  private forget(id: number): void {
    this.kept.get(id)?.sampler.dispose();
    this.kept.delete(id);
  }
}
