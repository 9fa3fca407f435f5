import type { Engine } from "@modx/engine";
import { medianInterval } from "../stats/bootstrap.ts";

/** By the clock inside the step: what taps and rows take of it, in a response of one sequence. */
export async function scoreTime(
  engine: Engine,
  prompt: string,
  tokens: number,
): Promise<{ score_ms: number; score_share: number }> {
  const { tokens: before } = await engine.prompt([{ role: "user", content: prompt }]);
  const sequence = await engine.start({ maxTokens: before.length + tokens });
  const [score, share]: [number[], number[]] = [[], []];
  try {
    let { next } = await sequence.decode(before, { sample: true });
    while (next !== null && !engine.isEnd(next) && score.length < tokens - 1) {
      const step = await sequence.decode(Int32Array.of(next), { sample: true });
      score.push(step.readMs);
      share.push(step.readMs / step.stepMs);
      ({ next } = step);
    }
  } finally {
    sequence.close();
  }
  return { score_ms: medianInterval(score).estimate, score_share: medianInterval(share).estimate };
}
