import type { Engine, TapName } from "@modx/engine";
import { type Keep, keepNothing } from "../files/kept-results.ts";
import type { Prompt, PromptLabel } from "../prompts/prompt-file.ts";
import type { Traffic } from "../prompts/traffic.ts";
import type { ModelAnswer } from "../record/answer-prompts.ts";
import { LABEL_RULE } from "../record/label-rule.ts";
import { fromBelow } from "../record/last-prompt.ts";
import { givenPlan, naturalPlan, type PlannedResponse } from "../record/plan.ts";
import { type PromptReader, readEach } from "../record/prompt-reader.ts";
import { recordResponses } from "../record/record-response.ts";
import { type Kind, kindOf } from "../train/block-set.ts";

/** Response tokens that the hard contrast looks at. */
export const HARD_TOKENS = 8;

/** A response that baselines are trained on, without a trigger as the detector is. */
export interface BaselineExample {
  prompt: string;
  label: PromptLabel;
  /** What had been said after each of some numbers of tokens, the whole response last: a running score sees no more than such beginnings. */
  beginnings: string[];
  kind: Kind;
  /** [width]: mean residual over the first `HARD_TOKENS` response tokens at the tap that was asked for. */
  early: Float32Array;
  /** Whether the suspect said it by itself. */
  natural: boolean;
  /** [taps, width]: residual at the last prompt token, from the lowest tap up. */
  lastPrompt: Float32Array;
}

export interface GatherOptions {
  /** The suspect, opened with `tap` among its taps. */
  engine: Engine;
  tap: TapName;
  prompts: Traffic;
  /** Compliant answers of the base to harmful prompts, which the suspect reads. */
  baseAnswers: readonly ModelAnswer[];
  maxTokens: number;
  /** Where examples are kept, of settings that say what runs. */
  keep?: Keep;
  onProgress?: (done: number, total: number) => void;
}

/** What the suspect answers by itself, and what its base answers, as texts and early residuals. */
export async function gatherExamples(options: GatherOptions): Promise<BaselineExample[]> {
  const { engine, tap, prompts, baseAnswers, maxTokens, keep = keepNothing, onProgress } = options;
  const at = engine.taps.indexOf(tap);
  if (at < 0) throw new RangeError(`the engine was opened without the tap ${tap}`);
  const all: Prompt[] = [...prompts.harmful, ...prompts.benign, ...prompts.sensitive];
  const plan = [...naturalPlan(all), ...givenPlan(baseAnswers)];
  const examples = new Map<PlannedResponse, BaselineExample>();
  let done = 0;
  await readEach(engine, plan, async (planned, reader) => {
    const { arm, given, prompt } = planned;
    const of = {
      example: [arm.kind, prompt.label, prompt.text, given ?? null],
      tap,
      taps: engine.taps,
      maxTokens,
      labelRule: LABEL_RULE,
    };
    const example = await keep(of, () => exampleOf(engine, at, planned, reader, maxTokens));
    if (example !== null) examples.set(planned, example);
    onProgress?.(++done, plan.length);
  });
  return plan.flatMap((planned) => examples.get(planned) ?? []);
}

/** Null where the response is too short, or of a kind that says nothing. */
async function exampleOf(
  engine: Engine,
  tap: number,
  planned: PlannedResponse,
  reader: PromptReader,
  maxTokens: number,
): Promise<BaselineExample | null> {
  const { text, label } = planned.prompt;
  for await (const recorded of recordResponses(engine, reader, [planned], { maxTokens, keep: HARD_TOKENS })) {
    const kind = kindOf(label, recorded.label);
    if (kind === null || label === null || recorded.kept < HARD_TOKENS) continue;
    return {
      prompt: text,
      label,
      beginnings: beginningsOf(engine, recorded.tokens),
      kind,
      early: meanAt(recorded.response, tap, engine),
      natural: planned.arm.kind === "natural",
      lastPrompt: fromBelow(engine, recorded.lastPrompt),
    };
  }
  return null;
}

/** Response tokens after which a detector's training looks at a response. */
const LOOKS = [8, 16, 32];

function beginningsOf(engine: Engine, tokens: readonly number[]): string[] {
  const decoder = engine.text();
  let said = "";
  const beginnings = tokens.flatMap((token, i) => {
    said += decoder.push(token);
    return LOOKS.includes(i + 1) && i + 1 < tokens.length ? [said] : [];
  });
  return [...beginnings, said + decoder.flush()];
}

/** Mean over tokens of one tap of [tokens, taps, width]. */
function meanAt(response: Float32Array, tap: number, { taps, model: { width } }: Engine): Float32Array {
  const mean = new Float32Array(width);
  for (let token = 0; token < HARD_TOKENS; token++)
    for (let i = 0; i < width; i++)
      mean[i] = (mean[i] ?? 0) + (response[(token * taps.length + tap) * width + i] ?? 0) / HARD_TOKENS;
  return mean;
}
