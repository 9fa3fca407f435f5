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

  constructor(watched: readonly Watched[]) {
    this.runs = watched.map(({ detector, fit }) => ({ detector, fit, run: detector.start() }));
  }

  onPrompt(prompt: PromptReadings): Verdict[] {
    return this.runs.map(({ detector, fit, run }) => this.judge(detector, fit, run, run.prompt(prompt)));
  }

  onToken(readings: Float32Array): Verdict[] {
    this.token += 1;
    return this.runs.map(({ detector, fit, run }) => this.judge(detector, fit, run, run.token(readings)));
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
