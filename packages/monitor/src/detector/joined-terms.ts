import type { JoinedTermsSpec, Term } from "@modx/pack";
import { type Aggregator, createAggregator } from "../aggregate/aggregate.ts";
import type { Detector, DetectorRun, PromptReadings, TermValue } from "./detector.ts";
import { calibratedLength, type RowIndex, sumOf } from "./rows.ts";

/**
 * score = bias + sum of weight * term, where a term is the aggregate of one row's readings (added over the taps that
 * carry the row) over the user's tokens, at the last prompt token, or over the response, kept within its bounds. There is
 * a score as soon as every term has a value.
 */
export class JoinedTerms implements Detector {
  readonly algorithm = "joined-terms";
  readonly version = 1;
  readonly reads = "readings";
  readonly name: string;
  readonly description: string;
  readonly level: "alarm" | "intent";
  readonly threshold: number;
  readonly calibratedLength: number;
  private readonly spec: JoinedTermsSpec;
  private readonly rows: RowIndex;

  constructor(spec: JoinedTermsSpec, rows: RowIndex) {
    this.spec = spec;
    this.rows = rows;
    this.name = spec.name;
    this.description = spec.description;
    this.level = spec.level;
    // a draft has no threshold, and no score is above this one
    this.threshold = spec.threshold ?? Number.POSITIVE_INFINITY;
    this.calibratedLength = calibratedLength(spec);
  }

  start(): DetectorRun {
    return new JoinedTermsRun(this.spec, this.rows);
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

  constructor(spec: JoinedTermsSpec, rows: RowIndex) {
    this.bias = spec.bias;
    this.terms = spec.terms.map((term) => ({
      spec: term,
      rows: rows.get(term.row) ?? [],
      aggregator: createAggregator(term.aggregate),
    }));
  }

  prompt({ readings, user, lastPrompt }: PromptReadings): number | null {
    const rows = lastPrompt < 0 ? 0 : readings.length / (lastPrompt + 1);
    for (const { spec, rows: indices, aggregator } of this.terms) {
      const [from, to] =
        spec.over === "user"
          ? [user.start, user.end]
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

  private score(): number | null {
    let score = this.bias;
    for (const { spec, aggregator } of this.terms) {
      if (aggregator.value === null) return null;
      score += contributionOf(spec, aggregator.value);
    }
    return score;
  }
}

function contributionOf({ weight, within }: Term, value: number): number {
  return weight * (within === undefined ? value : Math.min(within[1], Math.max(within[0], value)));
}
