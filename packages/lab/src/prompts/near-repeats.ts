import { normalised } from "./prompt-file.ts";

/** Two texts are near repeats when they share this share of their words (Jaccard similarity of the word sets). */
export const NEAR = 0.7;

export interface NearRepeat<T> {
  of: T;
  repeat: T;
  similarity: number;
}

/**
 * Texts of `later` that nearly repeat one of `earlier`, the most similar one named. Prefix filtering (Bayardo et al. 2007) finds exactly
 * the pairs that comparing each with each would, without doing that.
 */
export function nearRepeats<T extends { text: string }>(
  earlier: readonly T[],
  later: readonly T[],
  least = NEAR,
): NearRepeat<T>[] {
  const [known, asked] = [earlier, later].map((list) => list.map(({ text }) => wordsOf(text)));
  const frequency = new Map<string, number>();
  for (const words of [...(known ?? []), ...(asked ?? [])])
    for (const word of words) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  const rarestFirst = (words: Set<string>): string[] =>
    [...words].sort((a, b) => (frequency.get(a) ?? 0) - (frequency.get(b) ?? 0) || (a < b ? -1 : 1));
  /** Of two sets that are similar enough, these first words have one in common. */
  const prefix = (words: Set<string>): string[] =>
    rarestFirst(words).slice(0, words.size - Math.ceil(least * words.size - 1e-9) + 1);

  const index = new Map<string, number[]>();
  for (const [i, words] of (known ?? []).entries())
    for (const word of prefix(words)) {
      const list = index.get(word);
      if (list === undefined) index.set(word, [i]);
      else list.push(i);
    }
  return later.flatMap((repeat, j) => {
    const words = asked?.[j] ?? new Set<string>();
    const candidates = new Set(prefix(words).flatMap((word) => index.get(word) ?? []));
    let [best, similarity] = [-1, 0];
    for (const i of candidates) {
      const found = jaccard(known?.[i] ?? new Set(), words);
      if (found >= least && found > similarity) [best, similarity] = [i, found];
    }
    const of = earlier[best];
    return of === undefined ? [] : [{ of, repeat, similarity }];
  });
}

function wordsOf(text: string): Set<string> {
  return new Set(normalised(text).split(" "));
}

/** Shared words over all words; `least` is met up to rounding, as in the prefix. */
function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const word of a) if (b.has(word)) shared += 1;
  return shared / (a.size + b.size - shared);
}
