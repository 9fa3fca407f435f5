import type { ChatMessage } from "@modx/engine";
import { ofToken } from "@modx/monitor";
import type { GuardEvent } from "../events.ts";
import type { Guard } from "../open/open-guard.ts";
import { Release } from "../release/release.ts";
import { Opinion } from "./opinion.ts";
import { Tally } from "./tally.ts";

export interface JudgeRequest {
  messages: readonly ChatMessage[];
  /** The response's text, or its tokens where they are known. */
  response: string | Int32Array;
}

/** Judges a given response by teacher forcing: the same readings and verdicts as if the model had just written it. */
export async function* judge(
  guard: Guard,
  { messages, response }: JudgeRequest,
): AsyncGenerator<GuardEvent, void, undefined> {
  const { engine, policy } = guard;
  const prompt = await engine.prompt(messages);
  const tokens = typeof response === "string" ? await engine.tokenize(response) : response;
  const watch = guard.watch(messages);
  const opinion = new Opinion(guard, watch, prompt.tokens);
  const promptTokens = prompt.tokens.length;
  const sequence = await engine.start({
    maxTokens: promptTokens + Math.max(1, tokens.length),
    prefix: prompt.tokens,
  });
  const tally = new Tally();
  const release = new Release(engine.text(), [], policy);
  try {
    const read = await sequence.decode(prompt.tokens);
    const { user, lastPrompt } = prompt;
    const atPrompt = await opinion.settle(watch.onPrompt({ readings: read.readings, user, lastPrompt }));
    tally.add(atPrompt);
    yield { type: "prompt", promptTokens, verdicts: atPrompt };
    const { readings } = tokens.length > 0 ? await sequence.decode(tokens) : { readings: new Float32Array(0) };
    for (const [index, token] of tokens.entries()) {
      const own = ofToken(readings, index, tokens.length);
      const verdicts = await opinion.settle(watch.onToken(own));
      tally.add(verdicts);
      yield* release.clear({ index, token, verdicts, readings: own });
    }
    const { events, tail } = release.end();
    yield* events;
    const counts = { promptTokens, cachedTokens: read.cached, generated: tokens.length };
    yield tally.outcome("stop", { ...counts, released: release.released, tail });
  } finally {
    sequence.close();
  }
}
