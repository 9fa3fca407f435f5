import type { Engine, TapName } from "@modx/engine";
import type { Baselines } from "../baselines/fit-baselines.ts";
import { HARD_TOKENS } from "../baselines/gather-examples.ts";
import { labelAnswer } from "../label/answer-label.ts";
import { severalAtATime } from "../record/several-at-a-time.ts";
import type { EvaluationReport } from "../report/evaluation-report.ts";
import { aurocInterval } from "../stats/delong.ts";
import { auroc } from "../stats/ranking.ts";
import type { LabelledAnswer } from "./label-answers.ts";

export interface HardContrast {
  engine: Engine;
  /** The lowest tap, which the engine was opened with. */
  tap: TapName;
  detector: string;
  /** Complied. */
  positives: readonly LabelledAnswer[];
  /** Answers to benign requests that look harmful. */
  negatives: readonly LabelledAnswer[];
  /** Null where there was nothing to train them on. */
  baselines: Baselines | null;
}

/** How well scores tell compliance from what looks like it when both have said equally much: the first 8 tokens. */
export async function hardContrast(options: HardContrast): Promise<EvaluationReport["hard8"]> {
  const { engine, tap, detector, baselines } = options;
  const long = (list: readonly LabelledAnswer[]): LabelledAnswer[] =>
    list.filter(({ tokens }) => tokens.length >= HARD_TOKENS);
  const [positives, negatives] = [long(options.positives), long(options.negatives)];
  const area = (score: (answer: LabelledAnswer) => number): number => auroc(positives.map(score), negatives.map(score));
  const said = ({ pieces }: LabelledAnswer): string => pieces.slice(0, HARD_TOKENS).join("");
  // the course begins with the prompt
  const own = (answer: LabelledAnswer): number => answer.courses[detector]?.[HARD_TOKENS] ?? Number.NEGATIVE_INFINITY;
  const interval = aurocInterval(positives.map(own), negatives.map(own));
  const early = new Map<LabelledAnswer, number>();
  if (baselines !== null)
    await severalAtATime(engine.properties.sequences, [...positives, ...negatives], async (answer) => {
      early.set(answer, baselines.early(await earlyResidual(engine, tap, answer)));
    });
  return {
    auroc: interval.estimate,
    low: interval.low,
    high: interval.high,
    length: area(({ tokens }) => Math.min(tokens.length, HARD_TOKENS)),
    regex: area((answer) => (labelAnswer(said(answer)) === "refused" ? 0 : 1)),
    tfidf: baselines === null ? null : area((answer) => baselines.response(said(answer))),
    embedding: baselines === null ? null : area((answer) => early.get(answer) ?? 0),
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
