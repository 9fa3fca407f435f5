import type { JoinedTermsSpec, Term } from "@modx/pack";
import { createAggregator } from "../aggregate/aggregate.ts";
import type { Aggregator } from "../aggregate/aggregator.ts";
import { DeclaredDetector } from "./declared-detector.ts";
import type { DetectorRun, PromptReadings, TermValue } from "./detector.ts";
import { type RowIndex, sumOf } from "./rows.ts";

/**
 * score = bias + sum of weight * term, where a term is the aggregate of one row's readings (added over the taps that
 * carry the row) over the user's tokens, at the last prompt token, or over the response, kept within its bounds. Where no user says
 * anything, what would be read over the user's tokens is read over the whole prompt: the request stands somewhere in it. There is a
 * score as soon as every term has a value; what the base thinks counts for the least that it could until it is asked.
 */
export class JoinedTerms extends DeclaredDetector {
  readonly readsBase: boolean;
  private readonly spec: JoinedTermsSpec;
  private readonly rows: RowIndex;
  private readonly baseRows: RowIndex;

  constructor(spec: JoinedTermsSpec, rows: RowIndex, baseRows: RowIndex) {
    super(spec);
    this.spec = spec;
    this.rows = rows;
    this.baseRows = baseRows;
    this.readsBase = spec.terms.some(ofBase);
  }

  start(): DetectorRun {
    return new JoinedTermsRun(this.spec, this.rows, this.baseRows, this.threshold);
  }
}

interface RunningTerm {
  spec: Term;
  rows: readonly number[];
  aggregator: Aggregator;
}

class JoinedTermsRun implements DetectorRun {
  private readonly terms: RunningTerm[];
  private readonly bias: number;
  private readonly threshold: number;

  constructor(spec: JoinedTermsSpec, rows: RowIndex, baseRows: RowIndex, threshold: number) {
    this.bias = spec.bias;
    this.threshold = threshold;
    this.terms = spec.terms.map((term) => ({
      spec: term,
      rows: (ofBase(term) ? baseRows : rows).get(term.row) ?? [],
      aggregator: createAggregator(term.aggregate),
    }));
  }

  prompt({ readings, user, lastPrompt }: PromptReadings): number | null {
    if (lastPrompt < 0) return this.score();
    const rows = readings.length / (lastPrompt + 1);
    for (const { spec, rows: indices, aggregator } of this.terms) {
      const [from, to] =
        spec.over === "user"
          ? requestIn(user, lastPrompt)
          : spec.over === "last-prompt"
            ? [lastPrompt, lastPrompt + 1]
            : [0, 0];
      for (let token = from; token < to; token++) aggregator.push(sumOf(readings, token * rows, indices));
    }
    return this.score();
  }

  token(readings: Float32Array): number | null {
    for (const { spec, rows, aggregator } of this.terms) {
      if (spec.over === "response") aggregator.push(sumOf(readings, 0, rows));
    }
    return this.score();
  }

  explain(): TermValue[] {
    return this.terms.map(({ spec, aggregator: { value } }) => ({
      name: spec.name,
      value,
      contribution: value === null ? null : contributionOf(spec, value),
    }));
  }

  get wantsBase(): boolean {
    const waits = this.terms.some(({ spec, aggregator }) => ofBase(spec) && aggregator.value === null);
    const most = waits ? this.score("most") : null;
    return most !== null && most > this.threshold;
  }

  base(readings: Float32Array): number | null {
    for (const { spec, rows, aggregator } of this.terms) if (ofBase(spec)) aggregator.push(sumOf(readings, 0, rows));
    return this.score();
  }

  /** With the least, or the most, that the base could say where it was not asked. */
  private score(unknown: "least" | "most" = "least"): number | null {
    let score = this.bias;
    for (const { spec, aggregator } of this.terms) {
      const { value } = aggregator;
      if (value !== null) score += contributionOf(spec, value);
      else if (ofBase(spec)) score += boundOf(spec, unknown);
      else return null;
    }
    return score;
  }
}

/** The first token of all is left out: models keep there what they have no other place for, and it says nothing of the text. */
function requestIn(user: PromptReadings["user"], lastPrompt: number): [from: number, to: number] {
  return user.end > user.start ? [user.start, user.end] : [Math.min(1, lastPrompt), lastPrompt + 1];
}

function ofBase({ over }: Term): boolean {
  return over === "base-last-prompt";
}

function boundOf({ weight, within = [0, 0] }: Term, which: "least" | "most"): number {
  const ends = within.map((end) => weight * end);
  return which === "least" ? Math.min(...ends) : Math.max(...ends);
}

function contributionOf({ weight, within }: Term, value: number): number {
  return weight * (within === undefined ? value : Math.min(within[1], Math.max(within[0], value)));
}
