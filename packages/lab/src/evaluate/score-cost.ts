import type { Guard } from "@modx/guard";
import { createDetector, indexRows, Watch } from "@modx/monitor";
import { evenly } from "../prompts/evenly.ts";
import { severalAtATime } from "../record/several-at-a-time.ts";
import type { EvaluationReport } from "../report/evaluation-report.ts";
import { median } from "../stats/bootstrap.ts";
import type { Given } from "./judge-arm.ts";

/** Answers whose readings are judged again and again, how often in all, and how often before by way of warming up. */
const ANSWERS = 16;
const ROUNDS = 50;
const WARM_UP = 10;

/** Recorded readings of one response: of the prompt, and of each token. */
interface Recorded {
  prompt: { readings: Float32Array; user: { start: number; end: number }; lastPrompt: number };
  tokens: Float32Array[];
}

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
  const names = namesOf(pack.readouts);
  const [rows, baseRows] = [indexRows(names, 0), indexRows(namesOf(pack.baseReadouts), 0)];
  const watched = pack.manifest.detectors.map((spec) => ({
    detector: createDetector(spec, rows, baseRows),
    fit: { holds: true, reasons: [] },
  }));
  const recorded = await severalAtATime(guard.engine.properties.sequences, given, (answer) =>
    readingsOf(guard, names.length, answer),
  );
  const tokens = recorded.reduce((sum, one) => sum + one.tokens.length, 0);
  const pass = (): number => {
    let spent = 0;
    for (const one of recorded) {
      const watch = new Watch(watched);
      watch.onPrompt(one.prompt);
      const start = performance.now();
      for (const readings of one.tokens) watch.onToken(readings);
      spent += performance.now() - start;
    }
    return (1000 * spent) / tokens;
  };
  for (let round = 0; round < WARM_UP; round++) pass();
  return { score_us_per_token: median(Array.from({ length: ROUNDS }, pass)), tokens };
}

/** The first `rows` rows' readings, which are the judged pack's: others that watch along stand behind them. */
async function readingsOf({ engine }: Guard, rows: number, answer: Given): Promise<Recorded> {
  const { tokens: before, user, lastPrompt } = await engine.prompt([{ role: "user", content: answer.prompt }]);
  const sequence = await engine.start({ maxTokens: before.length + answer.tokens.length });
  const all = engine.rowNames.length;
  const own = (readings: Float32Array, token: number): Float32Array => readings.slice(token * all, token * all + rows);
  try {
    const prompt = await sequence.decode(before);
    const atPrompt = new Float32Array(before.length * rows);
    for (let token = 0; token < before.length; token++) atPrompt.set(own(prompt.readings, token), token * rows);
    const { readings } = await sequence.decode(Int32Array.from(answer.tokens));
    return {
      prompt: { readings: atPrompt, user, lastPrompt },
      tokens: answer.tokens.map((_, token) => own(readings, token)),
    };
  } finally {
    sequence.close();
  }
}
