import type { Decoded, Engine } from "@modx/engine";
import { labelAnswer } from "../label/answer-label.ts";
import type { PlannedResponse } from "./plan.ts";
import type { PromptReader, ReadPrompt } from "./prompt-reader.ts";
import type { RecordedResponse } from "./recording.ts";
import { spansOf } from "./spans.ts";

export interface RecordSettings {
  maxTokens: number;
  /** Response tokens whose residuals are kept, from the first. */
  keep: number;
}

/** Residuals of a prompt, [taps, width] each. */
interface PromptResiduals {
  userMean: Float32Array;
  lastUser: Float32Array;
  lastPrompt: Float32Array;
}

/**
 * Records responses to one prompt with the residuals on the way: generated greedily, behind its opening if it has one, or
 * given and read by teacher forcing. The prompt is read once where the model's memory allows it.
 */
export async function* recordResponses(
  engine: Engine,
  reader: PromptReader,
  planned: readonly PlannedResponse[],
  settings: RecordSettings,
): AsyncGenerator<RecordedResponse, void, undefined> {
  const [first] = planned;
  if (first === undefined) return;
  const { text } = first.prompt;
  let read = await reader.read(text);
  const residuals = promptResiduals(engine, read);
  for (const [index, one] of planned.entries()) {
    if (index > 0) read = await reader.again(read, text);
    yield await recordResponse(engine, read, residuals, one, settings);
  }
}

function promptResiduals(engine: Engine, { prompt, decoded, from }: ReadPrompt): PromptResiduals {
  const mean = (start: number, end: number): Float32Array => meanOf(engine, decoded, start - from, end - from);
  const at = (position: number): Float32Array => mean(position, position + 1);
  const { start, end } = prompt.user;
  return {
    userMean: mean(start, end),
    lastUser: at(Math.max(from, prompt.lastUser)),
    lastPrompt: at(prompt.lastPrompt),
  };
}

async function recordResponse(
  engine: Engine,
  { prompt, sequence, decoded: { next: answer } }: ReadPrompt,
  residualsOfPrompt: PromptResiduals,
  planned: PlannedResponse,
  { maxTokens: most, keep }: RecordSettings,
): Promise<RecordedResponse> {
  const maxTokens = planned.arm.kind === "prompt" ? 0 : most;
  const given =
    planned.given === undefined ? undefined : (await givenTokens(engine, planned.given)).subarray(0, maxTokens);
  const forced = given ?? (planned.arm.opening === "" ? new Int32Array() : await engine.tokenize(planned.arm.opening));
  const residuals = new Residuals(engine, keep);
  const tokens = [...forced];
  let next = answer;
  if (forced.length > 0) {
    const opened = await sequence.decode(forced, { sample: given === undefined, capture: true });
    residuals.add(opened, forced.length);
    next = opened.next;
  }
  let finish: "stop" | "length" = given === undefined ? "length" : "stop";
  while (tokens.length < maxTokens && next !== null) {
    if (engine.isEnd(next)) {
      finish = "stop";
      break;
    }
    tokens.push(next);
    const decoded = await sequence.decode(Int32Array.of(next), { sample: true, capture: residuals.wanted });
    residuals.add(decoded, 1);
    next = decoded.next;
  }
  // of a given response every token counts as its own
  const own = given === undefined ? forced.length : 0;
  const decoder = engine.text();
  const text =
    tokens
      .slice(own)
      .map((token) => decoder.push(token))
      .join("") + decoder.flush();
  return {
    id: planned.id,
    prompt: planned.prompt,
    arm: planned.arm,
    promptTokens: [...prompt.tokens],
    user: prompt.user,
    tokens,
    forced: own,
    spans: spansOf(prompt, { count: tokens.length, forced: own, given: given !== undefined }),
    text,
    // a refusal in set words is one however it is worded
    label: planned.arm.kind === "refusal" ? "refused" : labelAnswer(text),
    finish,
    kept: residuals.kept,
    ...residualsOfPrompt,
    response: residuals.response(),
  };
}

async function givenTokens(engine: Engine, given: readonly number[] | string): Promise<Int32Array> {
  return typeof given === "string" ? engine.tokenize(given) : Int32Array.from(given);
}

/** Gathers captured residuals of a response as [position, taps, width]. */
class Residuals {
  kept = 0;
  private readonly parts: Float32Array[] = [];
  private readonly engine: Engine;
  private readonly keep: number;

  constructor(engine: Engine, keep: number) {
    this.engine = engine;
    this.keep = keep;
  }

  get wanted(): boolean {
    return this.kept < this.keep;
  }

  add(decoded: Decoded, count: number): void {
    for (let token = 0; token < count && this.wanted; token++) {
      this.parts.push(meanOf(this.engine, decoded, token, token + 1));
      this.kept += 1;
    }
  }

  response(): Float32Array {
    const size = this.engine.taps.length * this.engine.model.width;
    const all = new Float32Array(this.parts.length * size);
    for (const [index, part] of this.parts.entries()) all.set(part, index * size);
    return all;
  }
}

/** Mean residual over decoded tokens from `start`, before `end`, [taps, width]. */
function meanOf({ taps, model }: Engine, { residuals }: Decoded, start: number, end: number): Float32Array {
  const mean = new Float32Array(taps.length * model.width);
  residuals?.forEach((ofTap, tap) => {
    for (let position = start; position < end; position++) {
      for (let i = 0; i < model.width; i++) {
        const at = tap * model.width + i;
        mean[at] = (mean[at] ?? 0) + (ofTap[position * model.width + i] ?? 0) / (end - start);
      }
    }
  });
  return mean;
}
