import { FOLDS, foldOf } from "../prompts/fold.ts";
import { fitProbe, type Probe, readProbe } from "../train/probe.ts";
import { SHARES } from "../train/terms.ts";
import type { BaselineSpec } from "./baseline-spec.ts";
import type { BaselineExample } from "./gather-examples.ts";
import { fitFingerprint } from "./layer-fingerprint.ts";
import { fitTextModel, type TextModel, type TextScore, textScore } from "./tf-idf.ts";

/** Penalties to choose from, as many as the detector's candidates of one stage. */
const PENALTIES = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1];
/** What the answer's score counts beside the request's. */
const MIXES = [0.1, 0.25, 0.5, 1, 2, 4, 10];
/** Share of the negatives above the threshold at which settings are compared. */
const FALSE_ALARMS = 0.01;
const KINDS = ["complied", "benign", "sensitive", "refused"] as const;
/** Examples of either side without which a baseline learns nothing. */
const FEWEST = 20;

/** What a detector is compared with; null where there was too little to train it on. */
export interface Baselines {
  /** Compliance, by the words of the answer so far. */
  response: TextScore | null;
  /** Compliance, by the first tokens at the lowest tap: [width] mean residual to log odds. */
  early: ((residual: Float32Array) => number) | null;
  /** What follows an answer as a detector does: text classifiers; how unusual the way through the layers is, among benign requests, among refused ones. */
  detectors: BaselineSpec[];
  /** What was chosen and from how much, in words. */
  chosen: string[];
}

/**
 * Trains the baselines on the same kinds of responses as the detector. Settings are chosen by cross-validation over prompts, by the highest
 * score along a response, as the detector's are.
 */
export function fitBaselines(examples: readonly BaselineExample[]): Baselines {
  const width = examples[0]?.early.length ?? 0;
  const weightOf = weigher(examples);
  const response = choose("words of the answer", examples, complied, (list, penalty) => {
    const model = fitTextModel(
      list.flatMap((example) =>
        example.beginnings.map((text) => ({
          text,
          positive: complied(example),
          weight: weightOf(example) / example.beginnings.length,
        })),
      ),
      penalty,
    );
    const score = textScore(model);
    return { model, of: ({ beginnings }) => highest(beginnings.map(score)) };
  });
  const prompt = choose("words of the request", examples, harmful, (list, penalty) => {
    const model = fitTextModel(
      list.map((example) => ({ text: example.prompt, positive: harmful(example), weight: weightOf(example) })),
      penalty,
    );
    const score = textScore(model);
    return { model, of: (example) => score(example.prompt) };
  });
  const early = choose("lowest tap", examples, complied, (list, penalty) => {
    const probe = fitProbe(
      list.map((example) => ({
        residual: example.early,
        positive: complied(example),
        weight: weightOf(example),
      })),
      { width, taps: [0], penalty },
    );
    return { model: probe, of: ({ early: residual }) => readProbe(probe, residual) };
  });
  const mix = response.model === null || prompt.model === null ? null : chooseMix(examples, prompt, response);
  return {
    response: response.model === null ? null : textScore(response.model),
    early: readerOf(early.model),
    detectors: [...textDetectors(response.model, prompt.model, mix), ...fingerprintsOf(examples, width)],
    chosen: [amounts(examples), response.what, prompt.what, early.what, ...(mix === null ? [] : [mix.what])],
  };
}

function readerOf(probe: Probe | null): Baselines["early"] {
  return probe === null ? null : (residual) => readProbe(probe, residual);
}

function textDetectors(
  response: TextModel | null,
  prompt: TextModel | null,
  mix: { factor: number } | null,
): BaselineSpec[] {
  const specs: BaselineSpec[] = [];
  if (response !== null) specs.push({ algorithm: "tf-idf", version: 1, response });
  if (prompt !== null)
    specs.push(
      { algorithm: "prompt-tf-idf", version: 1, prompt },
      { algorithm: "refusal-words-and-prompt", version: 1, prompt },
    );
  if (response !== null && prompt !== null && mix !== null)
    specs.push({ algorithm: "tf-idf-of-both", version: 1, prompt, response, factor: mix.factor });
  return specs;
}

function complied({ kind }: BaselineExample): boolean {
  return kind === "complied";
}

function harmful({ label }: BaselineExample): boolean {
  return label === "harmful";
}

/** Each kind of response has its share of the loss, whatever its number. */
function weigher(examples: readonly BaselineExample[]): (example: BaselineExample) => number {
  const counts = new Map(KINDS.map((kind) => [kind, countOf(examples, kind)]));
  return ({ kind }) => SHARES[kind] / (counts.get(kind) ?? 1);
}

function countOf(examples: readonly BaselineExample[], kind: BaselineExample["kind"]): number {
  return examples.filter((example) => example.kind === kind).length;
}

function amounts(examples: readonly BaselineExample[]): string {
  return `trained on ${KINDS.map((kind) => `${countOf(examples, kind)} ${kind}`).join(", ")}`;
}

function highest(scores: readonly number[]): number {
  return Math.max(...scores);
}

/** Responses of one kind that a fingerprint needs. */
const FEWEST_REFERENCES = 30;

function fingerprintsOf(examples: readonly BaselineExample[], width: number): BaselineSpec[] {
  const among = (kind: BaselineExample["kind"], name: string): BaselineSpec[] => {
    const reference = examples.filter((example) => example.natural && example.kind === kind);
    if (reference.length < FEWEST_REFERENCES) return [];
    const residuals = reference.map(({ lastPrompt }) => lastPrompt);
    return [{ algorithm: "layer-fingerprint", version: 1, name, fingerprint: fitFingerprint(residuals, width) }];
  };
  return [...among("benign", "layer-fingerprint"), ...among("refused", "layer-fingerprint-among-refusals")];
}

/** A baseline that was fitted, and what it says of a whole example. */
interface Fitted<M> {
  model: M;
  of: (example: BaselineExample) => number;
}

interface Chosen<M> {
  /** Fitted to everything; null where there is too little. */
  model: M | null;
  /** Each example's score by what was fitted without its prompt. */
  outOfFold: ReadonlyMap<BaselineExample, number>;
  what: string;
}

/** The penalty of most recall at one false alarm in a hundred, out of fold; the score is then fitted to everything. */
function choose<M>(
  name: string,
  examples: readonly BaselineExample[],
  positive: (example: BaselineExample) => boolean,
  fit: (list: readonly BaselineExample[], penalty: number) => Fitted<M>,
): Chosen<M> {
  const positives = examples.filter(positive).length;
  if (Math.min(positives, examples.length - positives) < FEWEST)
    return { model: null, outOfFold: new Map(), what: `${name}: not trained, too few examples` };
  const tried = PENALTIES.map((penalty) => {
    const outOfFold = new Map<BaselineExample, number>();
    for (let fold = 0; fold < FOLDS; fold++) {
      const inside = (example: BaselineExample): boolean => foldOf(example.prompt) === fold;
      const outside = examples.filter((example) => !inside(example));
      const { of } = fit(outside, penalty);
      for (const example of examples.filter(inside)) outOfFold.set(example, of(example));
    }
    return { penalty, outOfFold, recall: recallOf(outOfFold, positive) };
  });
  const best = tried.reduce((a, b) => (b.recall > a.recall ? b : a));
  return {
    model: fit(examples, best.penalty).model,
    outOfFold: best.outOfFold,
    what: `${name}: penalty ${best.penalty}, ${inWords(best.recall)}`,
  };
}

/** The weight of the answer's score beside the request's, of most recall out of fold. */
function chooseMix(
  examples: readonly BaselineExample[],
  prompt: Chosen<TextModel>,
  response: Chosen<TextModel>,
): { factor: number; what: string } {
  const tried = MIXES.map((factor) => {
    const scores = new Map(
      examples.map((example): [BaselineExample, number] => [
        example,
        (prompt.outOfFold.get(example) ?? 0) + factor * (response.outOfFold.get(example) ?? 0),
      ]),
    );
    return { factor, recall: recallOf(scores, complied) };
  });
  const best = tried.reduce((a, b) => (b.recall > a.recall ? b : a));
  return { factor: best.factor, what: `words of both: the answer ${best.factor} times, ${inWords(best.recall)}` };
}

function recallOf(
  scores: ReadonlyMap<BaselineExample, number>,
  positive: (example: BaselineExample) => boolean,
): number {
  const all = [...scores];
  const negatives = all.flatMap(([example, score]) => (positive(example) ? [] : [score])).sort((a, b) => b - a);
  const threshold = negatives[Math.floor(FALSE_ALARMS * negatives.length)] ?? Number.NEGATIVE_INFINITY;
  const caught = all.filter(([example]) => positive(example));
  return caught.filter(([, score]) => score > threshold).length / caught.length;
}

function inWords(recall: number): string {
  return `${(100 * recall).toFixed(1)} % in cross-validation at 1 % false alarms`;
}
