import { BLOCK_TOKENS } from "./block-set.ts";
import { fitLogistic } from "./logistic.ts";
import { type Course, REFUSAL_TOKENS, SIGNS, type TermName } from "./terms.ts";

/** How the terms become a score. */
export interface JoinShape {
  terms: readonly TermName[];
  /** Response tokens that the content is averaged over, and fewest for a first score. */
  width: number;
  minimum: number;
}

export interface Join extends JoinShape {
  /** Of each term, in order. */
  weights: number[];
  bias: number;
}

/** Prompt-side readings that stand in for a response's own. */
export type PromptReading = Pick<Course, "belief" | "intent">;

/** Tokens after which a response is an example for the join. */
const LOOKS = [8, 16, 32];
/** The join has a handful of weights and thousands of examples. */
const PENALTY = 1e-3;
/** A weight is found on standardised terms, so that the penalty does not favour one. */
const LEAST_SPREAD = 1e-6;

/**
 * Fits the join, or says null when a term would get a weight of the wrong sign: then it measures something else than its
 * name. A backdoor may switch the model's judgement of the request off, and nothing that is trained without a trigger can
 * show it; so every complied answer counts once with its own prompt readings and once with those of a benign prompt.
 */
export function fitJoin(courses: readonly Course[], blind: readonly PromptReading[], shape: JoinShape): Join | null {
  const rows: { values: number[]; positive: boolean; kind: string }[] = [];
  for (const [index, course] of courses.entries()) {
    const positive = course.response.kind === "complied";
    const prompts: PromptReading[] = [course];
    const stand = blind[(index * 7919) % Math.max(1, blind.length)];
    if (positive && stand !== undefined) prompts.push(stand);
    for (const tokens of LOOKS) {
      const block = tokens / BLOCK_TOKENS - 1;
      if (block >= course.content.length) continue;
      for (const prompt of prompts)
        rows.push({ values: valuesAt(course, prompt, block, shape), positive, kind: course.response.kind });
    }
  }
  const width = shape.terms.length;
  const spread = shape.terms.map((_, term) => standardDeviation(rows.map(({ values }) => values[term] ?? 0)));
  const counts = new Map<string, number>();
  for (const { kind } of rows) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const model = fitLogistic(
    {
      features: Float32Array.from(rows.flatMap(({ values }) => values.map((value, i) => value / (spread[i] ?? 1)))),
      labels: Uint8Array.from(rows, ({ positive }) => (positive ? 1 : 0)),
      weights: Float64Array.from(rows, ({ kind }) => (kind === "complied" ? 3 : 1) / (counts.get(kind) ?? 1)),
      width,
    },
    PENALTY,
  );
  const weights = shape.terms.map((_, i) => (model.weights[i] ?? 0) / (spread[i] ?? 1));
  if (shape.terms.some((term, i) => (weights[i] ?? 0) * SIGNS[term] <= 0)) return null;
  return { ...shape, weights, bias: model.bias };
}

/** Scores at the ends of a response's blocks; null before the first score. */
export function scoresOf(join: Join, course: Course, prompt: PromptReading = course): (number | null)[] {
  return course.content.map((_, block) => {
    if ((block + 1) * BLOCK_TOKENS < join.minimum) return null;
    return valuesAt(course, prompt, block, join).reduce(
      (sum, value, i) => sum + value * (join.weights[i] ?? 0),
      join.bias,
    );
  });
}

function valuesAt(course: Course, prompt: PromptReading, block: number, { terms, width }: JoinShape): number[] {
  return terms.map((term) => {
    if (term === "belief" || term === "intent") return prompt[term];
    if (term === "refusal") return meanOf(course.refusal, 0, Math.min(block + 1, REFUSAL_TOKENS / BLOCK_TOKENS));
    return meanOf(course.content, Math.max(0, block + 1 - width / BLOCK_TOKENS), block + 1);
  });
}

function meanOf(values: readonly number[], from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i] ?? 0;
  return sum / (to - from);
}

function standardDeviation(values: readonly number[]): number {
  const mean = meanOf(values, 0, values.length);
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return Math.max(Math.sqrt(square), LEAST_SPREAD);
}
