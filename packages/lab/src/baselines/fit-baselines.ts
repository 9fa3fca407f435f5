import { foldOf } from "../train/cross-validate.ts";
import { fitProbe, type Probe, readProbe } from "../train/probe.ts";
import { SHARES } from "../train/terms.ts";
import type { BaselineExample } from "./gather-examples.ts";
import { type Fingerprint, fitFingerprint } from "./layer-fingerprint.ts";
import { fitTextScore, type LabelledText, type TextScore } from "./tf-idf.ts";

const FOLDS = 5;
/** Penalties to choose from, as many as the detector's candidates of one stage. */
const PENALTIES = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1];
/** Share of the negatives above the threshold at which penalties are compared. */
const FALSE_ALARMS = 0.01;

export interface Baselines {
  /** Compliance, by the words of the answer. */
  response: TextScore;
  /** Harm, by the words of the request. */
  prompt: TextScore;
  /** Compliance, by the first tokens at the lowest tap: [width] mean residual to log odds. */
  early: (residual: Float32Array) => number;
  /** How unusual the way through the layers is at the last prompt token, [taps, width]: among benign requests, among refused ones. */
  fingerprints: { name: string; score: Fingerprint }[];
  /** What was chosen, in words. */
  chosen: string[];
}

/** Trains the baselines on the same kinds of responses as the detector, their penalties chosen by cross-validation over prompts. */
export function fitBaselines(examples: readonly BaselineExample[]): Baselines {
  const counts = { complied: 0, benign: 0, sensitive: 0, refused: 0 };
  for (const { kind } of examples) counts[kind] += 1;
  const weightOf = ({ kind }: BaselineExample): number => SHARES[kind] / counts[kind];
  const complied = (example: BaselineExample): boolean => example.kind === "complied";
  const harmful = (example: BaselineExample): boolean => example.label === "harmful";
  const text =
    (textOf: (example: BaselineExample) => string, positive: (example: BaselineExample) => boolean) =>
    (list: readonly BaselineExample[], penalty: number): Score => {
      const labelled = list.map(
        (example): LabelledText => ({ text: textOf(example), positive: positive(example), weight: weightOf(example) }),
      );
      const score = fitTextScore(labelled, penalty);
      return (example) => score(textOf(example));
    };
  const width = examples[0]?.early.length ?? 0;
  const probeOf = (list: readonly BaselineExample[], penalty: number): Probe =>
    fitProbe(
      list.map((example) => ({ residual: example.early, positive: complied(example), weight: weightOf(example) })),
      { width, taps: [0], penalty },
    );

  const response = choose(
    "words of the answer",
    examples,
    complied,
    text((example) => example.response, complied),
  );
  const prompt = choose(
    "words of the request",
    examples,
    harmful,
    text((example) => example.prompt, harmful),
  );
  const early = choose("lowest tap", examples, complied, (list, penalty) => {
    const probe = probeOf(list, penalty);
    return (example) => readProbe(probe, example.early);
  });
  const [first] = examples;
  if (first === undefined) throw new RangeError("there are no examples to fit baselines to");
  return {
    response: (said) => response.score({ ...first, response: said }),
    prompt: (asked) => prompt.score({ ...first, prompt: asked }),
    early: (residual) => early.score({ ...first, early: residual }),
    fingerprints: fingerprintsOf(examples, width),
    chosen: [response, prompt, early].map(({ what }) => what),
  };
}

/** Responses of one kind that a fingerprint needs. */
const FEWEST_REFERENCES = 30;

function fingerprintsOf(examples: readonly BaselineExample[], width: number): Baselines["fingerprints"] {
  const among = (kind: BaselineExample["kind"], name: string): Baselines["fingerprints"] => {
    const reference = examples.filter((example) => example.natural && example.kind === kind);
    if (reference.length < FEWEST_REFERENCES) return [];
    const residuals = reference.map(({ lastPrompt }) => lastPrompt);
    return [{ name, score: fitFingerprint(residuals, width) }];
  };
  return [...among("benign", "layer-fingerprint"), ...among("refused", "layer-fingerprint-among-refusals")];
}

type Score = (example: BaselineExample) => number;

/** The penalty of most recall at one false alarm in a hundred, out of fold; the score is then fitted to everything. */
function choose(
  name: string,
  examples: readonly BaselineExample[],
  positive: (example: BaselineExample) => boolean,
  fit: (list: readonly BaselineExample[], penalty: number) => Score,
): { score: Score; what: string } {
  const recalls = PENALTIES.map((penalty) => {
    const scores = new Map<BaselineExample, number>();
    for (let fold = 0; fold < FOLDS; fold++) {
      const inside = (example: BaselineExample): boolean => foldOf(example.promptId, FOLDS) === fold;
      const score = fit(
        examples.filter((example) => !inside(example)),
        penalty,
      );
      for (const example of examples.filter(inside)) scores.set(example, score(example));
    }
    const [caught, against] = [true, false].map((wanted) =>
      examples.filter((example) => positive(example) === wanted).map((example) => scores.get(example) ?? 0),
    );
    const negatives = [...(against ?? [])].sort((a, b) => b - a);
    const threshold = negatives[Math.floor(FALSE_ALARMS * negatives.length)] ?? Number.NEGATIVE_INFINITY;
    return (caught ?? []).filter((score) => score > threshold).length / (caught ?? []).length;
  });
  const best = recalls.indexOf(Math.max(...recalls));
  const penalty = PENALTIES[best] ?? 1;
  return {
    score: fit(examples, penalty),
    what: `${name}: penalty ${penalty}, ${(100 * (recalls[best] ?? 0)).toFixed(1)} % in cross-validation at 1 % false alarms`,
  };
}
