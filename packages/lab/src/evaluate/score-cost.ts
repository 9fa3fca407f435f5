import type { Guard } from "@modx/guard";
import { createDetector, indexRows, Watch } from "@modx/monitor";
import { evenly } from "../prompts/evenly.ts";
import { readAgain } from "../record/read-again.ts";
import { severalAtATime } from "../record/several-at-a-time.ts";
import type { EvaluationReport } from "../report/evaluation-report.ts";
import { median } from "../stats/bootstrap.ts";
import type { Given } from "./judge-arm.ts";

/** Answers whose readings are judged again and again, how often in all, and how often before by way of warming up. */
const ANSWERS = 16;
const ROUNDS = 50;
const WARM_UP = 10;

/**
 * How long the judged pack's detectors take for a response token, readings given: the median of many passes over the readings of some
 * answers, by teacher forcing. What it takes to compute the readings is not in it (`modx bench overhead`). Undefined without answers.
 */
export async function scoreCost(guard: Guard, answers: readonly Given[]): Promise<EvaluationReport["cost"]> {
  const [pack] = guard.packs;
  const given = evenly(
    answers.filter(({ tokens }) => tokens.length > 0),
    ANSWERS,
  );
  if (pack === undefined || given.length === 0) return undefined;
  const namesOf = (readouts: typeof pack.readouts): string[] =>
    readouts.flatMap(({ rows }) => rows.map(({ name }) => name));
  // the judged pack's rows are the first that are bound
  const [rows, baseRows] = [indexRows(namesOf(pack.readouts)), indexRows(namesOf(pack.baseReadouts))];
  const watched = pack.manifest.detectors.map((spec) => ({
    detector: createDetector(spec, rows, baseRows),
    fit: { holds: true, reasons: [] },
  }));
  const recorded = await severalAtATime(guard.engine.properties.sequences, given, (answer) =>
    readAgain(guard.engine, answer),
  );
  const tokens = recorded.reduce((sum, one) => sum + one.tokens.length, 0);
  const pass = (): number => {
    let spent = 0;
    for (const one of recorded) {
      const watch = new Watch(watched);
      watch.onPrompt(one.prompt);
      const start = performance.now();
      for (const { readings } of one.tokens) watch.onToken(readings);
      spent += performance.now() - start;
    }
    return (1000 * spent) / tokens;
  };
  for (let round = 0; round < WARM_UP; round++) pass();
  return { score_us_per_token: median(Array.from({ length: ROUNDS }, pass)), tokens };
}
