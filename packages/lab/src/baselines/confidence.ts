import type { Detector, DetectorRun, TermValue, TokenFacts } from "@modx/monitor";

/** Tokens of the window, as in the method's paper. */
const WINDOW = 8;

/**
 * Mean probability that the model gave its own last tokens (ConfGuard, arXiv 2508.01365): a backdoor that forces a fixed text
 * makes it sure of every token. It is the wrong sign for one that only makes the model comply.
 */
export function confidenceWindow(): Detector {
  return {
    name: "confidence",
    algorithm: "confidence-window",
    version: 1,
    reads: "probabilities",
    description: "how sure the model is of what it says",
    level: "alarm",
    threshold: 1,
    calibratedLength: Number.POSITIVE_INFINITY,
    start: () => new ConfidenceRun(),
  };
}

class ConfidenceRun implements DetectorRun {
  private readonly window: number[] = [];

  prompt(): number | null {
    return null;
  }

  token(_readings: Float32Array, facts?: TokenFacts): number | null {
    const logProbability = facts?.logProbability ?? null;
    // no probability is above 1, whatever an engine's rounding leaves
    if (logProbability !== null && Number.isFinite(logProbability))
      this.window.push(Math.exp(Math.min(0, logProbability)));
    if (this.window.length > WINDOW) this.window.shift();
    return this.value();
  }

  explain(): TermValue[] {
    return [{ name: "confidence", value: this.value(), contribution: this.value() }];
  }

  private value(): number | null {
    return this.window.length < WINDOW ? null : this.window.reduce((sum, p) => sum + p, 0) / WINDOW;
  }
}
