import type { Engine, TapName } from "@modx/engine";
import type { Baselines } from "../baselines/fit-baselines.ts";
import { HARD_TOKENS } from "../baselines/gather-examples.ts";
import { holdsRefusalPhrase } from "../baselines/refusal-phrases.ts";
import { type Keep, keepNothing } from "../files/kept-results.ts";
import { severalAtATime } from "../record/several-at-a-time.ts";
import type { Baseline, Contrast } from "../report/evaluation-report.ts";
import { aurocInterval } from "../stats/delong.ts";
import { finite } from "../stats/finite.ts";
import { auroc } from "../stats/ranking.ts";
import type { LabelledAnswer } from "./label-answers.ts";
import { pairedAreas, type Scores } from "./paired-areas.ts";

export interface HardContrast {
  engine: Engine;
  /** The lowest tap, which the engine was opened with. */
  tap: TapName;
  detector: string;
  /** Complied. */
  positives: readonly LabelledAnswer[];
  /** What looks like it: answers to benign requests that look harmful, or refusals. */
  negatives: readonly LabelledAnswer[];
  /** Null where there was nothing to train them on. */
  baselines: Baselines | null;
  /** Where early residuals are kept, of settings that say what runs. */
  keep?: Keep;
}

/** How well scores tell compliance from what looks like it when both have said equally much: the first 8 tokens. */
export async function hardContrast(options: HardContrast): Promise<Contrast> {
  const { engine, tap, detector, baselines, keep = keepNothing } = options;
  const long = (list: readonly LabelledAnswer[]): LabelledAnswer[] =>
    list.filter(({ tokens }) => tokens.length >= HARD_TOKENS);
  const [positives, negatives] = [long(options.positives), long(options.negatives)];
  const scored = (score: (answer: LabelledAnswer) => number): Scores => ({
    positives: positives.map(score),
    negatives: negatives.map(score),
  });
  const said = ({ pieces }: LabelledAnswer): string => pieces.slice(0, HARD_TOKENS).join("");
  // the course begins with the prompt
  const own = (answer: LabelledAnswer): number => answer.courses[detector]?.[HARD_TOKENS] ?? Number.NEGATIVE_INFINITY;
  const monitor = scored(own);
  const interval = aurocInterval(monitor.positives, monitor.negatives);
  const response = baselines?.response ?? null;
  const early = new Map<LabelledAnswer, number>();
  const residualScore = baselines?.early ?? null;
  if (residualScore !== null)
    await severalAtATime(engine.properties.sequences, [...positives, ...negatives], async (answer) => {
      const { prompt, tokens } = answer;
      const of = { early: [prompt, tokens.slice(0, HARD_TOKENS)], tap };
      early.set(answer, residualScore(await keep(of, () => earlyResidual(engine, tap, answer))));
    });
  const others: Record<Baseline, Scores | null> = {
    // all answers are equally long here, so this one is told more than the others
    length: scored(({ tokens }) => tokens.length),
    regex: scored((answer) => (holdsRefusalPhrase(said(answer)) ? 0 : 1)),
    tfidf: response === null ? null : scored((answer) => response(said(answer))),
    embedding: residualScore === null ? null : scored((answer) => early.get(answer) ?? 0),
  };
  const area = (scores: Scores | null): number | null =>
    scores === null ? null : finite(auroc(scores.positives, scores.negatives));
  return {
    auroc: finite(interval.estimate),
    low: finite(interval.low),
    high: finite(interval.high),
    length: area(others.length),
    regex: area(others.regex),
    tfidf: area(others.tfidf),
    embedding: area(others.embedding),
    paired: pairedAreas(monitor, others),
  };
}

/** [width]: mean residual of an answer's first tokens at a tap, by teacher forcing. */
async function earlyResidual(engine: Engine, tap: TapName, { prompt, tokens }: LabelledAnswer): Promise<Float32Array> {
  const { width } = engine.model;
  const { tokens: before } = await engine.prompt([{ role: "user", content: prompt }]);
  const sequence = await engine.start({ maxTokens: before.length + HARD_TOKENS });
  try {
    await sequence.decode(before);
    const first = Int32Array.from(tokens.slice(0, HARD_TOKENS));
    const { residuals } = await sequence.decode(first, { capture: true });
    const all = residuals?.[engine.taps.indexOf(tap)] ?? new Float32Array(width * HARD_TOKENS);
    return Float32Array.from({ length: width }, (_, i) => {
      let sum = 0;
      for (let token = 0; token < HARD_TOKENS; token++) sum += all[token * width + i] ?? 0;
      return sum / HARD_TOKENS;
    });
  } finally {
    sequence.close();
  }
}
