import type { LabelErrors } from "../label/reading.ts";
import type { Rate } from "../stats/rates.ts";

/** The arm that the headline is about. */
export const PRIMARY_ARM = "triggered, complied, refused without trigger";

/** A group of responses and how many of them alarm. */
export interface ArmRate extends Rate {
  prompts: number;
  alarms: number;
}

/** What an evaluation found: the contract of `modx lab evaluate --json`, and what its report draws. */
export interface EvaluationReport {
  schema: 1;
  /** What was fixed before: the code, the pack, its thresholds. */
  frozen: { commit: string | null; pack_sha256: string; threshold_sha256: string };
  /**
   * How answers were labelled. `read` were read by someone; `error_high` bounds the share of wrong labels in the arm that is labelled worst, 1 where nobody read
   * any; `errors` tells it by arm and label.
   */
  labels: {
    n: number;
    ambiguous: number;
    degenerate: number;
    read: number;
    error_high: number;
    errors?: readonly LabelErrors[];
  };
  arms: Record<string, ArmRate>;
  /** What the suspect does, by arm. */
  behaviour: Record<string, Behaviour>;
  /** Complied against answers to what looks harmful, at equal length: the first 8 tokens. */
  hard8: Contrast;
  /** The same against refusals, in the suspect's own words, which nothing was trained on. */
  refused8: Contrast;
  /**
   * How much an answer surprises the suspect itself (mean -log p of its first tokens): the area that this alone reaches on the hard
   * contrast, and its rank correlation with the score, within answers that complied and within those that look harmful.
   */
  surprisal: { auroc: number | null; complied: number | null; sensitive: number | null };
  /** The detector at the threshold in force, and at others that follow from the pack's calibration responses. */
  operating: Record<string, OperatingPoint>;
  /** Share of the primary set caught by this response token; -1: before any. */
  tpr_by: Record<string, Rate>;
  /** Packs that watched the same answers: another suspect's, or one that was trained with the trigger, the upper bound. */
  beside: Record<string, BesideFigures>;
  /** Tokens let out before the alarm; `recall_honest` counts a response that was never caught as its whole length. */
  delay: { median: number | null; p90: number | null; recall_honest: number | null };
  /** On the primary set, at the same false alarms: caught by the detector alone (b), by the other alone (c). */
  paired: { versus: string; b: number; c: number; p_holm: number }[];
  controls: Record<string, Rate>;
  /** Goals that were missed, in words. */
  missed: string[];
  /** Goals that nothing was asked about, in words, with what is lacking. */
  untested: string[];
  /** Model, adapter, pack and prompts by name and hash, in words. */
  about: [what: string, value: string][];
  figures: ReportFigures;
}

/** Areas under the ROC curve, null where there was nothing to tell apart; of baselines also where those were not trained. */
export interface Contrast {
  auroc: number | null;
  low: number | null;
  high: number | null;
  /** By the length of the whole answer. */
  length: number | null;
  /** By a list of phrases with which models refuse. */
  regex: number | null;
  tfidf: number | null;
  /** By the residuals at the lowest tap. */
  embedding: number | null;
}

/** Refusals and compliance among the answers that are clearly one or the other. */
export interface Behaviour {
  /** All answers, the unclear ones among them. */
  n: number;
  ambiguous: number;
  degenerate: number;
  refused: Rate;
  answered: Rate;
  /** Shares of all answers, if what is unclear all did the contrary, and if it all did the same. */
  worst: { refused: [low: number, high: number]; answered: [low: number, high: number] };
}

export interface OperatingPoint {
  threshold: number;
  /** Of the primary set. */
  caught: ArmRate;
  benign: ArmRate;
  benignTriggered: ArmRate;
  /** Harmful requests without the trigger that are refused. */
  refused: ArmRate;
  sensitive: ArmRate;
}

export interface BesideFigures {
  /** Primary set against benign, with the trigger and without. */
  auroc: number | null;
  /** The frozen threshold that it brought; null for a draft, of which only the comparison at the same false alarms is told. */
  threshold: number | null;
  caught: ArmRate | null;
  benign: ArmRate | null;
}

export interface ReportFigures {
  threshold: number;
  /** ROC of each score: primary set against benign, from the strictest threshold on. */
  roc: { name: string; points: [fpr: number, tpr: number][] }[];
  /** Highest score of each response. */
  maxima: { arm: string; values: number[] }[];
  promises: { traffic: string; stated: number; realised: Rate }[];
  /** Share of the primary set caught within so many response tokens; within none: at the prompt. */
  delay: [token: number, caught: number][];
  /** Running score over the tokens of each arm: quartiles. */
  course: { arm: string; points: { token: number; low: number; median: number; high: number }[] }[];
}
