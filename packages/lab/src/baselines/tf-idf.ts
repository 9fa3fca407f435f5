import { fitLogistic, type LinearModel, logit } from "../train/logistic.ts";
import { SparseMatrix, type SparseRow } from "../train/matrix.ts";

/** Texts in which a term has to stand to be counted. */
const FEWEST_TEXTS = 2;

/**
 * Words and pairs of words that stand next to each other, weighed by 1 + log of their count and by their rarity, each text of
 * unit length: scikit-learn's TfidfVectorizer with ngram_range (1, 2), sublinear_tf and min_df 2.
 */
export class TfIdf {
  readonly terms: readonly string[];
  readonly rarity: readonly number[];
  private readonly columns: ReadonlyMap<string, number>;

  constructor(terms: readonly string[], rarity: readonly number[]) {
    this.terms = terms;
    this.rarity = rarity;
    this.columns = new Map(terms.map((term, column) => [term, column]));
  }

  /** Learns terms and their rarity from texts. */
  static of(texts: readonly string[]): TfIdf {
    const found = new Map<string, number>();
    for (const text of texts) for (const term of new Set(termsOf(text))) found.set(term, (found.get(term) ?? 0) + 1);
    const kept = [...found].filter(([, count]) => count >= FEWEST_TEXTS);
    return new TfIdf(
      kept.map(([term]) => term),
      kept.map(([, count]) => Math.log((1 + texts.length) / (1 + count)) + 1),
    );
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

/** What a text classifier is made of: its terms, the rarity and the weight of each, and its bias. */
export interface TextModel {
  terms: string[];
  rarity: number[];
  weights: number[];
  bias: number;
}

/** Logistic regression on TF-IDF; the penalty as in `fitLogistic`. */
export function fitTextModel(examples: readonly LabelledText[], penalty: number): TextModel {
  const vectors = TfIdf.of(examples.map(({ text }) => text));
  const { weights, bias } = fitLogistic(
    {
      features: new SparseMatrix(
        examples.map(({ text }) => vectors.row(text)),
        vectors.width,
      ),
      labels: Uint8Array.from(examples, ({ positive }) => (positive ? 1 : 0)),
      weights: Float64Array.from(examples, ({ weight }) => weight),
    },
    penalty,
  );
  return { terms: [...vectors.terms], rarity: [...vectors.rarity], weights: [...weights], bias };
}

export function textScore({ terms, rarity, weights, bias }: TextModel): TextScore {
  const vectors = new TfIdf(terms, rarity);
  const model: LinearModel = { weights: Float64Array.from(weights), bias };
  return (text) => logit(model, new SparseMatrix([vectors.row(text)], vectors.width), 0);
}

/** Words of at least two letters or digits, in lower case, and pairs of neighbours. */
function termsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) ?? [];
  return [...words, ...words.slice(1).map((word, i) => `${words[i]} ${word}`)];
}
