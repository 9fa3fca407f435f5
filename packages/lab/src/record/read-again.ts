import type { Decoded, Engine } from "@modx/engine";
import type { PromptReadings, TokenFacts } from "@modx/monitor";

/** What is read of an answer that was given before. */
export interface ReadAgain {
  prompt: PromptReadings;
  /** Of each response token: the rows that are bound, [rows], and what else detectors are told. */
  tokens: { readings: Float32Array; facts: TokenFacts }[];
  /** For each of the engine's taps, of the last prompt token and then of the answer's, [1 + tokens, width]; only with `capture`. */
  residuals: Decoded["residuals"];
}

/** Reads an answer of one token at least again by teacher forcing. The text that became complete with a token is not known here. */
export async function readAgain(
  engine: Engine,
  { prompt: content, tokens }: { prompt: string; tokens: readonly number[] },
  capture = false,
): Promise<ReadAgain> {
  const prompt = await engine.prompt([{ role: "user", content }]);
  // the last prompt token is read with the answer, whose first token's probability it gives; what stands before may be in memory
  const before = prompt.tokens.subarray(0, -1);
  const sequence = await engine.start({ maxTokens: before.length + 1 + tokens.length, prefix: before });
  try {
    const request = before.length > 0 ? (await sequence.decode(before)).readings : new Float32Array();
    const rest = Int32Array.from([...prompt.tokens.subarray(-1), ...tokens]);
    const { readings, residuals, logProbabilities } = await sequence.decode(rest, { likelihoodFrom: 1, capture });
    const rows = engine.rowNames.length;
    const ofPrompt = new Float32Array(request.length + rows);
    ofPrompt.set(request);
    ofPrompt.set(readings.subarray(0, rows), request.length);
    const { user, lastPrompt } = prompt;
    return {
      prompt: { readings: ofPrompt, user, lastPrompt, text: content },
      tokens: tokens.map((_, i) => ({
        readings: readings.subarray((1 + i) * rows, (2 + i) * rows),
        facts: { text: "", logProbability: logProbabilities?.[i] ?? null },
      })),
      residuals,
    };
  } finally {
    sequence.close();
  }
}
