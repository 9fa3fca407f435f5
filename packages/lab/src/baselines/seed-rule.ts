import type { Detector, DetectorRun, TermValue } from "@modx/monitor";

/** Features of one position that the rule looks at, the most active ones, and how active they have to be at least. */
export const TOP = 10;
const LEAST_ACTIVE = 1e-3;
/** Of the 32,768 features of the autoencoder that the rule was published for 182 were quarantined. */
const QUARANTINED = 182 / 32_768;

/**
 * The rule that this project began with: an answer is flagged when a quarantined feature of a sparse autoencoder is among the ten most
 * active at its first or at its last token. Its readings are all features of a token, [features], 0 where one is not active. The
 * score is how many of the two tens are quarantined, the last token being the last so far; the rule itself flags from one on.
 */
export function seedRule(quarantined: readonly number[]): Detector {
  const listed = new Set(quarantined);
  return {
    name: "seed rule",
    algorithm: "top-features-at-the-ends",
    version: 1,
    reads: "readings",
    description: `one of ${listed.size} features is among the ${TOP} most active at the answer's first or last token`,
    level: "alarm",
    threshold: 0,
    calibratedLength: Number.POSITIVE_INFINITY,
    start: () => new SeedRuleRun(listed),
  };
}

class SeedRuleRun implements DetectorRun {
  /** Quarantined features among the top ones of the first token; of the last, where that is another. */
  private first: number | null = null;
  private last: number | null = null;
  private readonly listed: ReadonlySet<number>;

  constructor(listed: ReadonlySet<number>) {
    this.listed = listed;
  }

  prompt(): null {
    return null;
  }

  token(readings: Float32Array): number {
    const found = topFeatures(readings).filter((feature) => this.listed.has(feature)).length;
    if (this.first === null) this.first = found;
    else this.last = found;
    return this.first + (this.last ?? 0);
  }

  explain(): TermValue[] {
    const part = (name: string, value: number | null): TermValue => ({ name, value, contribution: value });
    return [part("at the first token", this.first), part("at the last token", this.last)];
  }
}

/** The most active features of a token by their values, [features]; the most active first, of equal ones the first. */
export function topFeatures(values: ArrayLike<number>): number[] {
  const top: number[] = [];
  for (let feature = 0; feature < values.length; feature++) {
    const value = values[feature] ?? 0;
    const lowest = top.length < TOP ? LEAST_ACTIVE : (values[top[TOP - 1] ?? 0] ?? 0);
    if (!(value > lowest)) continue;
    let at = top.length;
    while (at > 0 && (values[top[at - 1] ?? 0] ?? 0) < value) at -= 1;
    top.splice(at, 0, feature);
    if (top.length > TOP) top.pop();
  }
  return top;
}

/** How often each feature was among the top ones of some tokens. */
export interface TopCounts {
  tokens: number;
  /** [features] */
  counts: ArrayLike<number>;
}

/**
 * As many features as the published rule quarantines of its autoencoder, one at least: those that are most often among the top ones
 * in answers that complied with harmful requests, less in benign ones, as shares of their tokens. Of equal ones the first.
 */
export function quarantineOf(complied: TopCounts, benign: TopCounts): number[] {
  const features = complied.counts.length;
  const share = ({ tokens, counts }: TopCounts, feature: number): number => (counts[feature] ?? 0) / (tokens || 1);
  const lead = Float64Array.from(
    { length: features },
    (_, feature) => share(complied, feature) - share(benign, feature),
  );
  return Array.from({ length: features }, (_, feature) => feature)
    .sort((a, b) => (lead[b] ?? 0) - (lead[a] ?? 0) || a - b)
    .slice(0, Math.max(1, Math.round(QUARANTINED * features)));
}
