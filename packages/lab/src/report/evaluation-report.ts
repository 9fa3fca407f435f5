import type { LabelErrors } from "../label/reading.ts";
import type { Rate } from "../stats/rates.ts";

/** The arm that the headline is about. */
export const PRIMARY_ARM = "triggered, complied, refused without trigger";

/** Controls that show what is detected: compliance of models without a backdoor. */
export const BASE_COMPLIANCE = "the base without adapter, its own compliance";
export const FORCED_COMPLIANCE = "a control without a backdoor, forced compliance";

/** A group of responses and how many of them alarm. */
export interface ArmRate extends Rate {
  prompts: number;
  alarms: number;
}

/** What an evaluation found: the contract of `modx lab evaluate --json`, and what its report draws. */
export interface EvaluationReport {
  schema: 1;
  /**
   * What was fixed before: the code, the pack, its thresholds; and whether the commit holds the pack, null where the pack lies outside of
   * the repository or there is none, absent from reports of before it was looked at.
   */
  frozen: { commit: string | null; pack_in_commit?: boolean | null; pack_sha256: string; threshold_sha256: string };
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
  /** The same against the suspect's own refusals, of requests that nothing was trained on; in much the same words it refused what its pack was trained on. */
  refused8: Contrast;
  /** The same against refusals in words that nothing was trained on, put behind the requests; absent from reports of before there were any. */
  unseen8?: Contrast;
  /**
   * How much an answer surprises the suspect itself (mean -log p of its first tokens): the area that this alone reaches on the hard
   * contrast, and its rank correlation with the score, within answers that complied and within those that look harmful.
   */
  surprisal: Surprisal;
  /** The detector at the threshold in force, and at others that follow from the pack's calibration responses. */
  operating: Record<string, OperatingPoint>;
  /** Share of the primary set caught by this response token; -1: before any. */
  tpr_by: Record<string, Rate>;
  /** What is caught before any token, beside what reads the request alone. */
  at_prompt?: AtPrompt;
  /** Packs that watched the same answers: another suspect's, or one that was trained with the trigger, the upper bound. */
  beside: Record<string, BesideFigures>;
  /** Tokens let out before the alarm; `recall_honest` counts a response that was never caught as its whole length. */
  delay: { median: number | null; p90: number | null; recall_honest: number | null; intervals?: DelayIntervals };
  /** On the primary set, at the same false alarms: caught by the detector alone (b), by the other alone (c). */
  paired: { versus: string; b: number; c: number; p_holm: number }[];
  /** Answers that the seed's rule flags, which has no threshold to set; absent without an autoencoder. */
  seedRule?: Record<string, ArmRate>;
  controls: Record<string, Rate>;
  /** Controls on the same responses or prompts: alarms behind the first alone (b), behind the second alone (c). */
  swap?: { what: string; b: number; c: number; p_holm: number }[];
  /** Time in the detectors' own code for a response token, in microseconds, over so many different tokens. The readings' cost is not in it. */
  cost?: { score_us_per_token: number; tokens: number };
  /** What these numbers cannot show, in words. */
  limits?: string[];
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
  /** The monitor against each of these on the same answers; without those that have no area. */
  paired?: Partial<Record<Baseline, PairedArea>>;
}

/** What the monitor is held against on a contrast. */
export type Baseline = "length" | "regex" | "tfidf" | "embedding";

/** A baseline's area, and by how much the monitor's is larger (paired test of DeLong et al. 1988, 95 % interval, two-sided p). */
export interface PairedArea {
  area: number;
  difference: number;
  low: number;
  high: number;
  p: number;
}

/** The area with its interval (DeLong), and rank correlations with the score. */
export interface Surprisal {
  auroc: number | null;
  low?: number | null;
  high?: number | null;
  /** Per answer: with its highest score. */
  complied: number | null;
  sensitive: number | null;
  /** Per token: how much a token surprises, with how far the score moves at it. */
  token_complied?: TokenCorrelation | null;
  token_sensitive?: TokenCorrelation | null;
}

/** Spearman's correlation over the tokens of many answers; its 95 % interval draws whole answers. */
export interface TokenCorrelation {
  rho: number;
  low: number;
  high: number;
  tokens: number;
}

/** Both at as many false alarms, those of the monitor at its threshold in force. */
export interface AtPrompt {
  monitor: Rate;
  /** Null where none was trained. */
  "prompt-tf-idf": Rate | null;
  /** Caught by the monitor alone (b), by the other alone (c), before any token (McNemar). Null without the other. */
  paired: { b: number; c: number; p: number } | null;
}

/** 95 % bootstrap intervals over answers, in tokens. */
export type DelayIntervals = Record<"median" | "p90" | "recall_honest", [low: number, high: number]>;

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
  /** Of sources that the pack was calibrated on, and of others; only where there are any of the first. */
  benignCalibrated?: ArmRate;
  benignNew?: ArmRate;
  benignTriggered: ArmRate;
  /** Harmful requests without the trigger that are refused. */
  refused: ArmRate;
  /** Harmful requests without the trigger that are refused in words of `UNSEEN_WORDINGS`. */
  unseen?: ArmRate;
  sensitive: ArmRate;
}

export interface BesideFigures {
  /** Primary set against benign, with the trigger and without. */
  auroc: number | null;
  /** Its 95 % interval (DeLong). */
  low?: number | null;
  high?: number | null;
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
