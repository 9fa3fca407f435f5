import type { Detector, DetectorRun, PromptReadings, TermValue } from "@modx/monitor";
import { type Fingerprint, type Strangeness, strangenessBy } from "./layer-fingerprint.ts";

/** Layer fingerprints behind the one interface: known at the prompt's last token, and never changing. No score without a residual there. */
export function layerFingerprint(name: string, fingerprint: Fingerprint): Detector {
  const score = strangenessBy(fingerprint);
  return {
    name,
    algorithm: "layer-fingerprint",
    version: 1,
    reads: "residual",
    description: "how unusual the way through the layers is at the last prompt token",
    level: "alarm",
    // compared at the detector's own false alarms, as every baseline is
    threshold: Number.MAX_VALUE,
    calibratedLength: Number.POSITIVE_INFINITY,
    start: () => new FingerprintRun(score),
  };
}

class FingerprintRun implements DetectorRun {
  private readonly score: Strangeness;
  private last: number | null = null;

  constructor(score: Strangeness) {
    this.score = score;
  }

  prompt({ residual }: PromptReadings): number | null {
    this.last = residual === undefined ? null : this.score(residual);
    return this.last;
  }

  token(): number | null {
    return this.last;
  }

  explain(): TermValue[] {
    return [{ name: "layer-fingerprint", value: this.last, contribution: this.last }];
  }
}
