import { ModxError } from "@modx/errors";
import { DEFAULT_RATES, type StatedRates } from "../calibrate/set-thresholds.ts";
import { FOLDS } from "../prompts/fold.ts";
import type { BlockResponse, BlockSet } from "./block-set.ts";
import { joins, PENALTIES, tapSets } from "./candidates.ts";
import { NO_STAND_INS, outOfFold, type Recall, recallOf, standInsOf } from "./cross-validate.ts";
import { type Join, termsOf } from "./join.ts";
import { type ProbeShape, readProbe } from "./probe.ts";
import { type Course, fitContent, fitTerms, follow, type TermProbes } from "./terms.ts";

/** Candidates are compared on probes that are fitted this well (norm of the gradient): half the time, the same recall. */
const ROUGH = 3e-3;
/** What taps and penalty are chosen by: the score that each is for, as far as it is known before its terms are chosen. */
const CONTENT_ALONE: Join = { weights: { content: 1 }, width: 48, minimum: 8 };
const WITH_OPINION: Join = { ...CONTENT_ALONE, weights: { content: 1, opinion: 1.5, intent: -0.25 } };
/** A richer candidate must beat a simpler one by this much recall. */
const MARGIN = 0.003;

export interface Candidate {
  what: string;
  recall: Recall;
}

export interface Trained {
  taps: string[];
  penalty: number;
  probes: TermProbes;
  join: Join;
  /** Recall in cross-validation at the stated rates, of the chosen one; somewhat optimistic, as it is the best of many. */
  recall: Recall;
  /** Everything that was tried, in order. */
  tried: Candidate[];
}

/** What is chosen before everything is fitted. */
export interface Choice {
  taps: readonly string[];
  penalty: number;
  join: Join;
}

export interface SelectOptions {
  rates?: StatedRates;
  /** Takes this choice instead of making one. */
  like?: Choice;
  onProgress?: (what: string) => void;
}

/**
 * Trains the terms and joins them. Taps and penalty are chosen by the recall of the content alone, or where there is a base, with its
 * opinion and the suspect's intent, which more taps may serve than the content; then windows, and which terms stay with what weight, by
 * the recall of the joined score; all out of fold, at the stated false-alarm rates. The result is fitted to everything.
 */
export function selectAndTrain(set: BlockSet, options: SelectOptions = {}): Trained {
  const { rates = DEFAULT_RATES, onProgress = () => undefined } = options;
  const { responses, width } = set;
  if (options.like !== undefined) return trainLike(set, options.like, rates);
  const tried: Candidate[] = [];
  const consider = (what: string, recall: Recall): number => {
    tried.push({ what, recall });
    onProgress(`${what}: ${describe(recall)}`);
    return merit(recall);
  };

  // a join without the base is no candidate where there is one: cross-validation has no trigger, which the base is asked against
  const asksBase = responses.some(({ baseLastPrompt }) => baseLastPrompt !== null);
  const recallAt = (shape: ProbeShape): number => {
    const rough = { ...shape, tolerance: ROUGH };
    const recall = asksBase ? recallWithOpinion(responses, rough, rates) : contentRecall(responses, rough, rates);
    return consider(`taps ${shape.taps.map((tap) => set.taps[tap]).join(" ")}, penalty ${shape.penalty}`, recall);
  };
  const [firstPenalty = 1, ...morePenalties] = PENALTIES;
  let shape = best(
    tapSets(set.taps.length).map((taps) => ({ taps, width, penalty: firstPenalty })),
    recallAt,
  );
  shape = best([shape, ...morePenalties.map((penalty) => ({ ...shape, penalty }))], recallAt);

  const courses = coursesOf(responses, shape);
  const standIns = standInsOf(courses);
  const join = best(joins(asksBase), (candidate) =>
    consider(describeJoin(candidate), recallOf(candidate, courses, standIns, rates)),
  );
  return {
    taps: shape.taps.map((tap) => set.taps[tap] ?? ""),
    penalty: shape.penalty,
    probes: fitTerms(responses, shape),
    join,
    recall: recallOf(join, courses, standIns, rates),
    tried,
  };
}

/** Throws MODX_LAB_RECORDING where the recordings lack what the choice needs. */
function trainLike({ responses, taps: recorded, width }: BlockSet, like: Choice, rates: StatedRates): Trained {
  const missing = like.taps.filter((tap) => !recorded.includes(tap));
  if (missing.length > 0) throw lacking(`the taps ${missing.join(", ")}`, "Record those taps");
  const asksBase = like.join.weights.opinion !== undefined;
  if (asksBase && responses.every(({ baseLastPrompt }) => baseLastPrompt === null))
    throw lacking("what the base thinks of the requests", "Give its recording with --base-recording");
  const taps = like.taps.map((tap) => recorded.indexOf(tap));
  const shape = { taps, width, penalty: like.penalty };
  const courses = coursesOf(responses, shape);
  const recall = recallOf(like.join, courses, standInsOf(courses), rates);
  return {
    taps: [...like.taps],
    penalty: like.penalty,
    probes: fitTerms(responses, shape),
    join: like.join,
    recall,
    tried: [{ what: "as in another pack", recall }],
  };
}

function lacking(what: string, instead: string): ModxError {
  return new ModxError("MODX_LAB_RECORDING", {
    what: `The pack that is to be trained like another needs ${what}, which the recordings do not hold.`,
    remedy: `${instead}, or train without --like.`,
  });
}

/** The readings of all terms along every response, out of fold. */
function coursesOf(responses: readonly BlockResponse[], shape: ProbeShape): Course[] {
  return outOfFold(responses, FOLDS, (rest) => {
    const probes = fitTerms(rest, shape);
    return (response) => follow(probes, response);
  });
}

/** The candidate of most merit; an earlier one when a later one is hardly better. */
function best<T>(candidates: readonly T[], meritOf: (candidate: T) => number): T {
  let [winner, most] = [candidates[0] as T, Number.NEGATIVE_INFINITY];
  for (const candidate of candidates) {
    const value = meritOf(candidate);
    if (value > most + MARGIN) [winner, most] = [candidate, value];
  }
  return winner;
}

/** An alarm is worth something, an early one twice as much; likewise at twice the rates, where chance weighs less. */
function merit({ ever, early, lenient }: Recall): number {
  return (ever + early + lenient.ever + lenient.early) / 4;
}

function describe({ ever, early }: Recall): string {
  return `${(100 * early).toFixed(1)} % of complied answers caught within 16 tokens, ${(100 * ever).toFixed(1)} % at all`;
}

function recallWithOpinion(responses: readonly BlockResponse[], shape: ProbeShape, rates: StatedRates): Recall {
  const courses = coursesOf(responses, shape);
  return recallOf(WITH_OPINION, courses, standInsOf(courses), rates);
}

function contentRecall(responses: readonly BlockResponse[], shape: ProbeShape, rates: StatedRates): Recall {
  const courses = outOfFold(responses, FOLDS, (rest) => {
    const probe = fitContent(rest, shape);
    return (response): Course => ({
      response,
      belief: 0,
      intent: 0,
      opinion: null,
      refusal: [],
      content: response.blocks.map((block) => readProbe(probe, block)),
    });
  });
  return recallOf(CONTENT_ALONE, courses, NO_STAND_INS, rates);
}

/** A join in words. */
export function describeJoin(join: Join): string {
  const terms = termsOf(join).map((term) => `${join.weights[term]} ${term}`);
  return `${terms.join(" + ").replaceAll("+ -", "- ")}, windows of ${join.width} from ${join.minimum}`;
}
