import type { FeatureListSpec, QuarantinedFeature } from "@modx/pack";
import { WindowMean } from "../aggregate/window-mean.ts";
import { DeclaredDetector } from "./declared-detector.ts";
import type { DetectorRun, PromptReadings, TermValue } from "./detector.ts";
import { type RowIndex, sumOf } from "./rows.ts";

/**
 * A black list of features that an owner names. Each is as active as its highest window mean so far, measured in what benign answers
 * reach: by how much it exceeds its floor, in units of what they exceed it by. The score is the sum, so that one feature that is
 * far out and several that are somewhat out count alike. With exponential tails each part is minus the log of a tail probability.
 */
export class FeatureList extends DeclaredDetector {
  private readonly spec: FeatureListSpec;
  private readonly rows: RowIndex;

  constructor(spec: FeatureListSpec, rows: RowIndex) {
    super(spec);
    this.spec = spec;
    this.rows = rows;
  }

  start(): FeatureListRun {
    return new FeatureListRun(this.spec, this.rows);
  }
}

interface RunningFeature {
  feature: QuarantinedFeature;
  rows: readonly number[];
  mean: WindowMean;
  /** Highest window mean so far; null before there is one. */
  peak: number | null;
}

export class FeatureListRun implements DetectorRun {
  private readonly features: RunningFeature[];

  constructor({ features, window: { width, minimum } }: FeatureListSpec, rows: RowIndex) {
    this.features = features.map((feature) => ({
      feature,
      rows: rows.get(feature.row) ?? [],
      mean: new WindowMean(width, minimum),
      peak: null,
    }));
  }

  prompt(_: PromptReadings): null {
    return null;
  }

  token(readings: Float32Array): number | null {
    let score: number | null = null;
    for (const running of this.features) {
      running.mean.push(activationOf(running.feature, sumOf(readings, 0, running.rows)));
      const { value } = running.mean;
      if (value !== null && (running.peak === null || value > running.peak)) running.peak = value;
      if (running.peak !== null) score = (score ?? 0) + excess(running.feature, running.peak);
    }
    return score;
  }

  /** Each feature's highest window mean so far, in the order of the list; null before there is one. */
  peaks(): (number | null)[] {
    return this.features.map(({ peak }) => peak);
  }

  /** The features that count, those that count for most first; all of them, at nothing, before there is a score. */
  explain(): TermValue[] {
    return this.features
      .map(({ feature, peak }) => ({
        name: feature.label === "" ? feature.row : `${feature.label} (${feature.row})`,
        value: peak,
        contribution: peak === null ? null : excess(feature, peak),
      }))
      .sort((a, b) => (b.contribution ?? 0) - (a.contribution ?? 0));
  }
}

function activationOf({ activation }: QuarantinedFeature, reading: number): number {
  switch (activation.kind) {
    case "linear":
      return reading;
    case "relu":
      return Math.max(0, reading);
    case "jumprelu":
      return reading > activation.threshold ? reading : Number.isNaN(reading) ? reading : 0;
  }
}

function excess({ tail }: QuarantinedFeature, peak: number): number {
  return tail === null ? peak : Math.max(0, (peak - tail.floor) / tail.scale);
}
