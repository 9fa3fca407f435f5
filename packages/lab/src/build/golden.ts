import type { Engine, Readout } from "@modx/engine";
import type { Golden } from "@modx/pack";
import type { Prompt } from "../prompts/prompt-file.ts";
import { naturalPlan } from "../record/plan.ts";
import { readEach } from "../record/prompt-reader.ts";
import { recordResponses } from "../record/record-response.ts";

/** Tokens of the conversation that is kept; it has to fit any context. */
const MOST_TOKENS = 128;

/**
 * Reads conversations with the rows: the first one's tokens and readings are kept with the pack, all of them say how far each
 * row's readings spread.
 */
export async function makeGolden(
  engine: Engine,
  readouts: readonly Readout[],
  conversations: readonly Int32Array[],
): Promise<Golden> {
  await engine.bind(readouts);
  const rows = engine.rowNames.length;
  const read: { tokens: Int32Array; readings: Float32Array }[] = [];
  for (const conversation of conversations) {
    const tokens = conversation.slice(0, MOST_TOKENS);
    read.push({ tokens, readings: await readGolden(engine, tokens) });
  }
  const [first] = read;
  if (first === undefined) throw new RangeError("golden readings need a conversation");
  const spread = Float32Array.from({ length: rows }, (_, row) =>
    standardDeviation(
      read.flatMap(({ readings }) => [...readings].filter((value, at) => at % rows === row && !Number.isNaN(value))),
    ),
  );
  return { tokens: first.tokens, readings: [first.readings], spread };
}

/** Tokens of an answer that say how far readings spread. */
const ANSWER_TOKENS = 48;

/** Prompts with the model's own answers, in tokens. */
export async function conversationsOf(engine: Engine, prompts: readonly Prompt[]): Promise<Int32Array[]> {
  const found: Int32Array[] = [];
  await readEach(engine, naturalPlan(prompts), async (planned, reader) => {
    for await (const { promptTokens, tokens } of recordResponses(engine, reader, [planned], {
      maxTokens: ANSWER_TOKENS,
      keep: 0,
    }))
      found.push(Int32Array.from([...promptTokens, ...tokens]));
  });
  return found;
}

/** Readings of the bound rows on one conversation, [tokens, rows] f32. */
export async function readGolden(engine: Engine, tokens: Int32Array): Promise<Float32Array> {
  const sequence = await engine.start({ maxTokens: tokens.length });
  try {
    return Float32Array.from((await sequence.decode(tokens)).readings);
  } finally {
    sequence.close();
  }
}

function standardDeviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
