import type { DetectorSpec } from "@modx/pack";
import type { Detector, DetectorRun, Reads } from "./detector.ts";

/** What every detector of a pack has from its declaration. */
export abstract class DeclaredDetector implements Detector {
  readonly name: string;
  readonly algorithm: string;
  readonly version: number;
  readonly reads: Reads = "readings";
  readonly description: string;
  readonly level: "alarm" | "intent";
  readonly threshold: number;
  readonly calibratedLength: number;

  constructor({ name, algorithm, version, description, level, threshold, calibrations }: DetectorSpec) {
    this.name = name;
    this.algorithm = algorithm;
    this.version = version;
    this.description = description;
    this.level = level;
    // a draft has no threshold, and no score is above this one
    this.threshold = threshold ?? Number.POSITIVE_INFINITY;
    this.calibratedLength = Math.min(...calibrations.map(({ length }) => length));
  }

  abstract start(): DetectorRun;
}
