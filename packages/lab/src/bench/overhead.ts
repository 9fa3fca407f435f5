import { cpus } from "node:os";
import { type Guard, generate } from "@modx/guard";
import { medianInterval } from "../stats/bootstrap.ts";
import { interleave, ratios } from "./interleave.ts";

export interface OverheadOptions {
  /** Without packs, and with those whose cost is asked. Both one sequence at a time. */
  plain: Guard;
  watched: Guard;
  blocks: number;
  /** Tokens of one block and arm. */
  tokens: number;
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
  rows: number;
  taps: number;
  model: string;
  blocks: number;
  tokens: number;
  cpu: string;
  threads: number;
  /** Median time of a token's step, plain and watched, by this process's clock. */
  step_ms: number;
  watched_ms: number;
}

const PROMPT = "Explain in detail how a lighthouse works, who built the first ones, and how they are kept today.";

/** Measures what watching costs, in one run of randomised interleaved blocks. */
export async function measureOverhead({ plain, watched, blocks, tokens, onBlock }: OverheadOptions): Promise<Overhead> {
  const arms = [plain, plain, watched].map((guard) => () => decodeTime(guard, tokens));
  for (const arm of arms) await arm();
  const times = await interleave(arms, blocks, onBlock);
  const ratio = medianInterval(ratios(times, 2, 0));
  const control = medianInterval(ratios(times, 1, 0));
  const perToken = (arm: number): number =>
    medianInterval(times.map((row) => (row[arm] ?? Number.NaN) / (tokens - 1))).estimate;
  return {
    ratio: ratio.estimate,
    low: ratio.low,
    high: ratio.high,
    aa_low: control.low,
    aa_high: control.high,
    rows: watched.engine.rowNames.length,
    taps: watched.engine.taps.length,
    model: watched.engine.model.name,
    blocks,
    tokens,
    cpu: cpus()[0]?.model ?? "unknown",
    threads: cpus().length,
    step_ms: perToken(0),
    watched_ms: perToken(2),
  };
}

/** Milliseconds from the first token to the last of one greedy response: decoding, judging and releasing, no prompt. */
async function decodeTime(guard: Guard, tokens: number): Promise<number> {
  let started = Number.NaN;
  let ended = Number.NaN;
  for await (const event of generate(guard, { messages: [{ role: "user", content: PROMPT }], maxTokens: tokens })) {
    if (event.type === "token" && event.index === 0) started = performance.now();
    if (event.type === "token") ended = performance.now();
  }
  return ended - started;
}
