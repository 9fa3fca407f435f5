import { cpus } from "node:os";
import { ModxError } from "@modx/errors";
import { type Guard, generate } from "@modx/guard";
import { medianInterval } from "../stats/bootstrap.ts";
import { commonStep } from "./common-step.ts";
import { interleave, ratios } from "./interleave.ts";
import { scoreTime } from "./score-time.ts";

export interface OverheadOptions {
  /** Without packs, and with those whose cost is asked: lanes of one engine, both with as many sequences as there are streams. */
  plain: Guard;
  watched: Guard;
  /** Responses that are generated at a time. */
  streams: number;
  blocks: number;
  /** Tokens of one block, arm and stream. */
  tokens: number;
  /** Most tokens in one pass, which the taps' memory is as large as. */
  batchTokens: number;
  onBlock?: (done: number) => void;
}

export interface Overhead {
  /** Decode time watched over plain: median of the blocks' ratios, and its 95 % interval. */
  ratio: number;
  low: number;
  high: number;
  /** The same of plain against plain: what noise alone does. */
  aa_low: number;
  aa_high: number;
  /** Whether that noise is small enough to tell a difference of a hundredth. */
  resolved: boolean;
  rows: number;
  taps: number;
  streams: number;
  model: string;
  blocks: number;
  tokens: number;
  cpu: string;
  threads: number;
  /** Median time of a step, plain and watched, by this process's clock. */
  step_ms: number;
  watched_ms: number;
  /** Median time that a watched step of one sequence spends on taps and rows, by the clock inside it, and its share of that step. */
  score_ms: number;
  score_share: number;
  /** Memory of the taps, and of the rows. */
  tap_bytes: number;
  row_bytes: number;
}

const PROMPT = "Explain in detail how a lighthouse works, who built the first ones, and how they are kept today.";
/** Half the width of the noise's interval beyond which a hundredth cannot be told from nothing. */
const RESOLUTION = 0.01;
const FLOAT_BYTES = 4;

/** Measures what watching costs, in one run of randomised interleaved blocks. */
export async function measureOverhead(options: OverheadOptions): Promise<Overhead> {
  const { plain, watched, streams, blocks, tokens, batchTokens, onBlock } = options;
  const arms = [plain, plain, watched].map((guard) => () => stepTime(guard, streams, tokens));
  for (const arm of arms) await arm();
  const times = await interleave(arms, blocks, onBlock);
  const ratio = medianInterval(ratios(times, 2, 0));
  const control = medianInterval(ratios(times, 1, 0));
  const perStep = (arm: number): number => medianInterval(times.map((row) => row[arm] ?? Number.NaN)).estimate;
  const { engine } = watched;
  return {
    ratio: ratio.estimate,
    low: ratio.low,
    high: ratio.high,
    aa_low: control.low,
    aa_high: control.high,
    resolved: (control.high - control.low) / 2 <= RESOLUTION,
    rows: engine.rowNames.length,
    taps: engine.taps.length,
    streams,
    model: engine.model.name,
    blocks,
    tokens,
    cpu: cpus()[0]?.model ?? "unknown",
    threads: cpus().length,
    step_ms: perStep(0),
    watched_ms: perStep(2),
    ...(await scoreTime(engine, PROMPT, tokens)),
    tap_bytes: engine.taps.length * engine.model.width * batchTokens * FLOAT_BYTES,
    row_bytes: engine.rowNames.length * engine.model.width * FLOAT_BYTES,
  };
}

/** Milliseconds of a step in which all streams decode, are judged and released. No prompt is read in between. */
async function stepTime(guard: Guard, streams: number, tokens: number): Promise<number> {
  const step = commonStep(await Promise.all(Array.from({ length: streams }, () => tokenTimes(guard, tokens))));
  if (Number.isNaN(step)) {
    throw new ModxError("MODX_USAGE", {
      what: `${streams} responses of ${tokens} tokens were never generated all at the same time.`,
      remedy: "Ask for more tokens (--tokens), or for fewer streams.",
    });
  }
  return step;
}

async function tokenTimes(guard: Guard, tokens: number): Promise<number[]> {
  const times: number[] = [];
  for await (const event of generate(guard, { messages: [{ role: "user", content: PROMPT }], maxTokens: tokens })) {
    if (event.type === "token") times.push(performance.now());
  }
  return times;
}
