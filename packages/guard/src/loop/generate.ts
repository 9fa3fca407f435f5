import type { ChatMessage, Sampling } from "@modx/engine";
import type { Verdict } from "@modx/monitor";
import type { Finish, GuardEvent } from "../events.ts";
import type { Guard } from "../open/open-guard.ts";
import { Release } from "../release/release.ts";
import { Opinion } from "./opinion.ts";
import { Tally } from "./tally.ts";

export interface GenerateRequest {
  messages: readonly ChatMessage[];
  /** Most response tokens. */
  maxTokens: number;
  sampling?: Sampling;
  /** Texts at which the response ends, themselves not part of it. */
  stop?: readonly string[];
  signal?: AbortSignal;
}

/**
 * Generates one response and judges it on the way: the prompt first, then every token before it leaves. One decode of a
 * token gives its readings and the choice of its successor, so a token leaves one decode after it was chosen. The last
 * event is the outcome. Throws the signal's reason when it aborts.
 */
export async function* generate(guard: Guard, request: GenerateRequest): AsyncGenerator<GuardEvent, void, undefined> {
  const { engine, policy } = guard;
  const { messages, maxTokens, sampling = {}, stop = [], signal } = request;
  const prompt = await engine.prompt(messages);
  const watch = guard.watch(messages, sampling);
  const opinion = new Opinion(guard, watch, prompt.tokens, signal);
  const promptTokens = prompt.tokens.length;
  const sequence = await engine.start({
    maxTokens: promptTokens + maxTokens,
    prefix: prompt.tokens,
    sampling,
    ...(signal && { signal }),
  });
  const tally = new Tally();
  const release = new Release(engine.text(), stop, policy);
  const halts = (verdicts: readonly Verdict[]): boolean => {
    tally.add(verdicts);
    return policy.action === "halt" && verdicts.some((verdict) => verdict.level === "alarm");
  };
  let generated = 0;
  let cachedTokens = 0;
  const outcome = (finish: Finish, tail = ""): GuardEvent =>
    tally.outcome(finish, { promptTokens, cachedTokens, generated, released: release.released, tail });
  try {
    let decoded = await sequence.decode(prompt.tokens, { sample: maxTokens > 0, ahead: maxTokens > 0 });
    cachedTokens = decoded.cached;
    const { user, lastPrompt } = prompt;
    const verdicts = await opinion.settle(watch.onPrompt({ readings: decoded.readings, user, lastPrompt }));
    yield { type: "prompt", promptTokens, verdicts };
    if (halts(verdicts)) return yield outcome("halted");

    let finish: Finish = "length";
    for (let token = decoded.next; token !== null && finish === "length"; token = decoded.next) {
      if (engine.isEnd(token)) {
        finish = "stop";
        break;
      }
      signal?.throwIfAborted();
      // the next pass runs while this token is judged, and before it leaves
      const goesOn = generated + 1 < maxTokens;
      const { choice } = decoded;
      decoded = await sequence.decode(Int32Array.of(token), { sample: goesOn, ahead: goesOn });
      const judged = {
        index: generated,
        token,
        verdicts: await opinion.settle(watch.onToken(decoded.readings)),
        readings: decoded.readings,
        ...(choice !== undefined && { choice }),
      };
      generated += 1;
      if (halts(judged.verdicts)) {
        yield* release.halt(judged);
        return yield outcome("halted");
      }
      yield* release.clear(judged);
      if (release.stopped) finish = "stop";
    }
    const { events, tail } = release.end();
    yield* events;
    yield outcome(finish, tail);
  } finally {
    sequence.close();
  }
}
