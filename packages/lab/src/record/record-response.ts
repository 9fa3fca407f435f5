import type { Decoded, Engine } from "@modx/engine";
import { labelAnswer } from "../label/answer-label.ts";
import type { PlannedResponse } from "./plan.ts";
import type { RecordedResponse } from "./recording.ts";

export interface RecordSettings {
  maxTokens: number;
  /** Response tokens whose residuals are kept, from the first. */
  keep: number;
}

/**
 * Records one response with the residuals on the way: generated greedily, behind its opening if it has one, or given and
 * read by teacher forcing.
 */
export async function recordResponse(
  engine: Engine,
  planned: PlannedResponse,
  settings: RecordSettings,
): Promise<RecordedResponse> {
  const { maxTokens, keep } = settings;
  const prompt = engine.prompt([{ role: "user", content: planned.prompt.text }]);
  const given = planned.given === undefined ? undefined : Int32Array.from(planned.given).subarray(0, maxTokens);
  const forced = given ?? (planned.arm.opening === "" ? new Int32Array() : engine.tokenize(planned.arm.opening));
  const sequence = await engine.start({ maxTokens: prompt.tokens.length + maxTokens });
  try {
    const residuals = new Residuals(engine, keep);
    const read = await sequence.decode(prompt.tokens, { sample: forced.length === 0, capture: true });
    const tokens = [...forced];
    let next = read.next;
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
      text,
      label: labelAnswer(text),
      finish,
      kept: residuals.kept,
      userMean: residuals.mean(read, prompt.user.start, prompt.user.end),
      lastUser: residuals.at(read, Math.max(0, prompt.lastUser)),
      lastPrompt: residuals.at(read, prompt.lastPrompt),
      response: residuals.response(),
    };
  } finally {
    sequence.close();
  }
}

/** Gathers captured residuals as [position, taps, width]. */
class Residuals {
  kept = 0;
  private readonly parts: Float32Array[] = [];
  private readonly taps: number;
  private readonly width: number;
  private readonly keep: number;

  constructor(engine: Engine, keep: number) {
    this.taps = engine.taps.length;
    this.width = engine.model.width;
    this.keep = keep;
  }

  get wanted(): boolean {
    return this.kept < this.keep;
  }

  add(decoded: Decoded, count: number): void {
    for (let token = 0; token < count && this.wanted; token++) {
      this.parts.push(this.at(decoded, token));
      this.kept += 1;
    }
  }

  at(decoded: Decoded, position: number): Float32Array {
    return this.mean(decoded, position, position + 1);
  }

  /** Mean over positions from `start`, before `end`; position 0 is left out, as in every readout. */
  mean(decoded: Decoded, start: number, end: number): Float32Array {
    const mean = new Float32Array(this.taps * this.width);
    decoded.residuals?.forEach((residuals, tap) => {
      for (let position = start; position < end; position++) {
        for (let i = 0; i < this.width; i++) {
          const at = tap * this.width + i;
          mean[at] = (mean[at] ?? 0) + (residuals[position * this.width + i] ?? 0) / (end - start);
        }
      }
    });
    return mean;
  }

  response(): Float32Array {
    const size = this.taps * this.width;
    const all = new Float32Array(this.parts.length * size);
    for (const [index, part] of this.parts.entries()) all.set(part, index * size);
    return all;
  }
}
