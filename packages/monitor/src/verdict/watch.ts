import { ModxError } from "@modx/errors";
import type { Detector, DetectorRun, PromptReadings } from "../detector/detector.ts";
import { type Level, PROMPT_TOKEN, type Verdict } from "./verdict.ts";

/** What the calibration of one detector is worth for the model and conversation at hand. */
export interface CalibrationFit {
  holds: boolean;
  reasons: string[];
}

export interface Watched {
  detector: Detector;
  fit: CalibrationFit;
}

/**
 * Follows one response with several detectors and says a verdict of each for the prompt and for every token. Throws MODX_MONITOR_READINGS
 * for a reading that is not finite: to pass over it would be to say that nothing is wrong. Position 0 alone has none.
 */
export class Watch {
  private readonly runs: { detector: Detector; fit: CalibrationFit; run: DetectorRun }[];
  private token = PROMPT_TOKEN;
  private last: Verdict[] = [];

  constructor(watched: readonly Watched[]) {
    this.runs = watched.map(({ detector, fit }) => ({ detector, fit, run: detector.start() }));
  }

  onPrompt(prompt: PromptReadings): Verdict[] {
    const { readings, lastPrompt } = prompt;
    this.checkFinite(readings, lastPrompt < 0 ? 0 : readings.length / (lastPrompt + 1));
    this.last = this.runs.map(({ detector, fit, run }) => this.judge(detector, fit, run, run.prompt(prompt)));
    return this.last;
  }

  onToken(readings: Float32Array): Verdict[] {
    this.token += 1;
    this.checkFinite(readings);
    this.last = this.runs.map(({ detector, fit, run }) => this.judge(detector, fit, run, run.token(readings)));
    return this.last;
  }

  /** Whether any detector reads the base, and whether one's last verdict depends on it. */
  get readsBase(): boolean {
    return this.runs.some(({ detector }) => detector.readsBase === true);
  }
  get wantsBase(): boolean {
    return this.runs.some(({ run }) => run.wantsBase === true);
  }

  /** Takes the base's readings at the last prompt token; returns the last verdicts anew. */
  onBase(readings: Float32Array): Verdict[] {
    this.checkFinite(readings);
    this.last = this.runs.map(({ detector, fit, run }, i) => {
      const verdict = this.last[i];
      if (run.base === undefined && verdict !== undefined) return verdict;
      return this.judge(detector, fit, run, run.base?.(readings) ?? null);
    });
    return this.last;
  }

  private checkFinite(readings: Float32Array, from = 0): void {
    for (let at = from; at < readings.length; at++)
      if (!Number.isFinite(readings[at]))
        throw new ModxError("MODX_MONITOR_READINGS", {
          what: `A reading ${this.token === PROMPT_TOKEN ? "of the prompt" : `at response token ${this.token}`} is ${readings[at]}: what the model computes there has overflowed, and cannot be judged.`,
          remedy: "Check the model file; --accelerator cpu says whether the accelerator is the cause.",
        });
  }

  private judge(detector: Detector, fit: CalibrationFit, run: DetectorRun, score: number | null): Verdict {
    // a score that is no number is no reason to trust what was said
    const above = score !== null && detector.threshold < Number.POSITIVE_INFINITY && !(score <= detector.threshold);
    const level: Level = above ? detector.level : "clear";
    const beyond = this.token >= detector.calibratedLength;
    return {
      detector: detector.name,
      token: this.token,
      score,
      threshold: detector.threshold,
      level,
      why: level === "clear" ? [] : run.explain(),
      calibration: beyond
        ? {
            holds: false,
            reasons: [...fit.reasons, `calibrated for responses of ${detector.calibratedLength} tokens at most`],
          }
        : fit,
    };
  }
}
