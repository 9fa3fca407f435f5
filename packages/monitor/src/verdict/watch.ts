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

/** Follows one response with several detectors and says a verdict of each for the prompt and for every token. */
export class Watch {
  private readonly runs: { detector: Detector; fit: CalibrationFit; run: DetectorRun }[];
  private token = PROMPT_TOKEN;
  private last: Verdict[] = [];

  constructor(watched: readonly Watched[]) {
    this.runs = watched.map(({ detector, fit }) => ({ detector, fit, run: detector.start() }));
  }

  onPrompt(prompt: PromptReadings): Verdict[] {
    this.last = this.runs.map(({ detector, fit, run }) => this.judge(detector, fit, run, run.prompt(prompt)));
    return this.last;
  }

  onToken(readings: Float32Array): Verdict[] {
    this.token += 1;
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
    this.last = this.runs.map(({ detector, fit, run }, i) => {
      const verdict = this.last[i];
      if (run.base === undefined && verdict !== undefined) return verdict;
      return this.judge(detector, fit, run, run.base?.(readings) ?? null);
    });
    return this.last;
  }

  private judge(detector: Detector, fit: CalibrationFit, run: DetectorRun, score: number | null): Verdict {
    const level: Level = score !== null && score > detector.threshold ? detector.level : "clear";
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
