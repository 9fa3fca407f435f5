import { fitLogistic, type LinearModel, logit } from "../train/logistic.ts";
import { SparseMatrix, type SparseRow } from "../train/matrix.ts";

/** Texts in which a term has to stand to be counted. */
const FEWEST_TEXTS = 2;

/**
 * Words and pairs of words that stand next to each other, weighed by 1 + log of their count and by their rarity, each text of
 * unit length: scikit-learn's TfidfVectorizer with ngram_range (1, 2), sublinear_tf and min_df 2.
 */
export class TfIdf {
  private readonly columns = new Map<string, number>();
  private readonly rarity: Float64Array;

  /** Learns terms and their rarity from texts. */
  constructor(texts: readonly string[]) {
    const found = new Map<string, number>();
    for (const text of texts) for (const term of new Set(termsOf(text))) found.set(term, (found.get(term) ?? 0) + 1);
    const kept = [...found].filter(([, count]) => count >= FEWEST_TEXTS);
    this.rarity = Float64Array.from(kept, ([, count]) => Math.log((1 + texts.length) / (1 + count)) + 1);
    for (const [column, [term]] of kept.entries()) this.columns.set(term, column);
  }

  get width(): number {
    return this.rarity.length;
  }

  row(text: string): SparseRow {
    const counts = new Map<number, number>();
    for (const term of termsOf(text)) {
      const column = this.columns.get(term);
      if (column !== undefined) counts.set(column, (counts.get(column) ?? 0) + 1);
    }
    const columns = Int32Array.from(counts.keys()).sort();
    const values = Float64Array.from(
      columns,
      (column) => (1 + Math.log(counts.get(column) ?? 1)) * (this.rarity[column] ?? 0),
    );
    const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)) || 1;
    return { columns, values: values.map((value) => value / length) };
  }
}

export interface LabelledText {
  text: string;
  positive: boolean;
  weight: number;
}

/** A text classifier that knows no model: log odds of a text. */
export type TextScore = (text: string) => number;

/** Logistic regression on TF-IDF; the penalty as in `fitLogistic`. */
export function fitTextScore(examples: readonly LabelledText[], penalty: number): TextScore {
  const terms = new TfIdf(examples.map(({ text }) => text));
  const model: LinearModel = fitLogistic(
    {
      features: new SparseMatrix(
        examples.map(({ text }) => terms.row(text)),
        terms.width,
      ),
      labels: Uint8Array.from(examples, ({ positive }) => (positive ? 1 : 0)),
      weights: Float64Array.from(examples, ({ weight }) => weight),
    },
    penalty,
  );
  return (text) => logit(model, new SparseMatrix([terms.row(text)], terms.width), 0);
}

/** Words of at least two letters or digits, in lower case, and pairs of neighbours. */
function termsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) ?? [];
  return [...words, ...words.slice(1).map((word, i) => `${words[i]} ${word}`)];
}
