import type { Engine } from "@modx/engine";
import type OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  MODEL,
  openTestEngine,
  startService,
  type TestService,
  type TestServiceOptions,
} from "../testing/test-service.ts";
import type { AlertNote, OutcomeNote, TokenScore } from "./notes.ts";

type Chunk = OpenAI.ChatCompletionChunk & { modx?: Partial<TokenScore & OutcomeNote> & { alert?: AlertNote } };
type Completion = OpenAI.ChatCompletion & { modx: OutcomeNote & { scores?: TokenScore[] } };

const MESSAGES = [{ role: "user" as const, content: "List the planets." }];
const ASK = { model: MODEL, messages: MESSAGES, max_completion_tokens: 12 };

let engine: Engine;
let service: TestService;
beforeAll(async () => {
  engine = await openTestEngine(1);
});
afterAll(() => engine.close());
afterEach(() => service.listening.close(0));

async function start(options: TestServiceOptions = {}): Promise<void> {
  service = await startService(engine, options);
}

async function complete(more: object = {}): Promise<Completion> {
  return (await service.client.chat.completions.create({ ...ASK, ...more, stream: false })) as Completion;
}

async function stream(more: object = {}): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for await (const chunk of await service.client.chat.completions.create({ ...ASK, ...more, stream: true }))
    chunks.push(chunk as Chunk);
  return chunks;
}

const textOf = (chunks: readonly Chunk[]): string =>
  chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");

describe("a whole answer", () => {
  it("is what the official client expects, with what modx found", async () => {
    await start();
    const completion = await complete();
    expect(completion).toMatchObject({ object: "chat.completion", model: MODEL });
    expect(completion.choices).toHaveLength(1);
    expect(completion.choices[0]?.message).toMatchObject({ role: "assistant" });
    expect(completion.choices[0]?.message.content?.length).toBeGreaterThan(10);
    expect(completion.choices[0]?.finish_reason).toBe("length");
    expect(completion.usage?.completion_tokens).toBe(12);
    expect(completion.usage?.total_tokens).toBe((completion.usage?.prompt_tokens ?? 0) + 12);
    expect(completion.modx).toEqual({
      alarm: false,
      token: null,
      score: 1,
      threshold: 1e9,
      detector: "test-0",
      policy: "halt",
      released: 12,
      generated: 12,
      calibrated: true,
      intent: null,
      alerts: [],
    });
  });

  it("has scores when they are asked for", async () => {
    await start();
    const { modx } = await complete({ modx: { scores: true } });
    expect(modx.scores?.map(({ token }) => token)).toEqual([-1, ...Array.from({ length: 12 }, (_, index) => index)]);
    expect(modx.scores?.[1]).toEqual({ token: 0, score: 1, threshold: 1e9, detector: "test-0", level: "clear" });
  });

  it("is greedy unless a temperature is given, and repeats with a seed", async () => {
    await start();
    const text = async (more: object): Promise<string | null | undefined> =>
      (await complete(more)).choices[0]?.message.content;
    const greedy = await text({});
    expect(await text({})).toBe(greedy);
    const warm = { temperature: 2, seed: 5, top_p: 0.99, top_k: -1 };
    const sampled = await text(warm);
    expect(sampled).not.toBe(greedy);
    expect(await text(warm)).toBe(sampled);
  });

  it("ends at a stop string, which is not part of it", async () => {
    await start();
    const whole = (await complete()).choices[0]?.message.content ?? "";
    const stop = whole.slice(8, 11);
    const completion = await complete({ stop: ["never said", stop] });
    expect(completion.choices[0]?.message.content).toBe(whole.slice(0, whole.indexOf(stop)));
    expect(completion.choices[0]?.finish_reason).toBe("stop");
    expect((await complete({ stop })).choices[0]?.finish_reason).toBe("stop");
  });

  it("takes content in parts, the developer's role, and parameters that change nothing", async () => {
    await start();
    const completion = await complete({
      messages: [
        { role: "developer", content: "Be brief." },
        {
          role: "user",
          content: [
            { type: "text", text: "Say" },
            { type: "text", text: "hello." },
          ],
        },
      ],
      n: 1,
      user: "me",
      metadata: { a: "b" },
      tools: [],
      logprobs: false,
      stop: null,
      service_tier: "auto",
      max_tokens: null,
    });
    expect(completion.choices[0]?.message.content).not.toBe("");
    expect(completion.modx.calibrated).toBe(false);
    expect(completion.modx.reasons).toEqual(["another system message"]);
  });

  it("takes the number of tokens that packs are calibrated for when a request names none, or what is left", async () => {
    await start();
    const { usage } = await complete({ max_completion_tokens: undefined });
    expect(usage?.completion_tokens).toBe(12);
    const words = "one ".repeat(512 - (usage?.prompt_tokens ?? 0) - 3);
    const filled = await complete({ max_completion_tokens: null, messages: [{ role: "user", content: words.trim() }] });
    expect(filled.usage?.total_tokens).toBeLessThanOrEqual(512);
    expect(filled.usage?.completion_tokens).toBeLessThan(12);
  });
});

describe("sampling parameters", () => {
  it("tell how likely each token was, and what else was", async () => {
    await start();
    const asked = { logprobs: true, top_logprobs: 2 };
    const { choices, usage } = await complete(asked);
    const content = choices[0]?.logprobs?.content ?? [];
    expect(content).toHaveLength(usage?.completion_tokens ?? 0);
    expect(content.map(({ token }) => token).join("")).toBe(choices[0]?.message.content);
    for (const { token, logprob, bytes, top_logprobs } of content) {
      expect(logprob).toBeLessThanOrEqual(0);
      expect(bytes).toEqual([...new TextEncoder().encode(token)]);
      // greedy: the chosen one is the likeliest
      expect(top_logprobs).toHaveLength(2);
      expect(top_logprobs[0]).toMatchObject({ token, logprob });
    }
    const streamed = (await stream(asked)).flatMap((chunk) => chunk.choices[0]?.logprobs?.content ?? []);
    expect(streamed).toEqual(content);
    expect((await complete({ logprobs: true })).choices[0]?.logprobs?.content?.[0]?.top_logprobs).toEqual([]);
    expect((await complete()).choices[0]?.logprobs).toBeNull();
  });

  it("reach llama.cpp's samplers under OpenAI's names and llama-server's", async () => {
    await start();
    const plain = (await complete()).choices[0]?.message.content ?? "";
    const said = async (more: object): Promise<string> => (await complete(more)).choices[0]?.message.content ?? "";
    expect(await said({ grammar: 'root ::= "Mercury" | "Venus"' })).toMatch(/^(Mercury|Venus)$/);
    expect(await said({ frequency_penalty: 2, presence_penalty: 2, repeat_last_n: -1 })).not.toBe(plain);
    const [first = 0] = await engine.tokenize(plain);
    expect(await said({ logit_bias: { [first]: -100 } })).not.toBe(plain);
    expect(await said({ logit_bias: [[first, false]] })).not.toBe(plain);
    expect(await said({ temperature: 1, mirostat: 2, seed: 3 })).toBe(
      await said({ temperature: 1, mirostat: 2, seed: 3 }),
    );
  });

  it("void the calibration's promise where they choose otherwise than greedily", async () => {
    await start();
    expect((await complete({ temperature: 1 })).modx.calibrated).toBe(false);
    expect((await complete({ grammar: 'root ::= "Venus"' })).modx.calibrated).toBe(false);
    expect((await complete({ seed: 5, logprobs: true })).modx.calibrated).toBe(true);
  });

  it("are refused with their name when no sampler takes them", async () => {
    await start();
    for (const [param, value] of [
      ["top_logprobs", 21],
      ["frequency_penalty", 3],
      ["logit_bias", { word: 1 }],
      ["mirostat", 3],
    ] as const)
      await expect(complete({ [param]: value })).rejects.toMatchObject({ status: 400, param });
    await expect(complete({ grammar: "root ::= (" })).rejects.toMatchObject({ status: 400 });
    await expect(complete({ logit_bias: { 999999: 1 } })).rejects.toMatchObject({ status: 400 });
  });
});

describe("a streamed answer", () => {
  it("is the whole one in chunks, each with its score", async () => {
    await start();
    const whole = await complete();
    const chunks = await stream();
    expect(textOf(chunks)).toBe(whole.choices[0]?.message.content);
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: "assistant", content: "" });
    expect(chunks[0]?.modx?.token).toBe(-1);
    expect(chunks[1]?.modx).toEqual({ token: 0, score: 1, threshold: 1e9, detector: "test-0", level: "clear" });
    expect(chunks.map((chunk) => chunk.choices[0]?.finish_reason).filter((reason) => reason !== null)).toEqual([
      "length",
    ]);
    expect(chunks.at(-1)?.choices[0]?.delta).toEqual({});
    expect(chunks.at(-1)?.modx).toEqual(whole.modx);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks.every((chunk) => chunk.usage === undefined)).toBe(true);
  });

  it("has no scores when they are not wanted", async () => {
    await start();
    const chunks = await stream({ modx: { scores: false } });
    expect(chunks.slice(0, -1).every((chunk) => chunk.modx === undefined)).toBe(true);
    expect(chunks.at(-1)?.modx?.alarm).toBe(false);
  });

  it("tells usage in a last chunk when asked", async () => {
    await start();
    const chunks = await stream({ stream_options: { include_usage: true } });
    expect(chunks.at(-1)?.choices).toEqual([]);
    expect(chunks.at(-1)?.usage?.completion_tokens).toBe(12);
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
  });

  it("goes through the client's stream helper", async () => {
    await start({ action: "alert", alarms: ["prompt", 2, 2] });
    const runner = service.client.chat.completions.stream({ ...ASK, stream_options: { include_usage: true } });
    let text = "";
    runner.on("content", (delta) => {
      text += delta;
    });
    const whole: OpenAI.ChatCompletion = await runner.finalChatCompletion();
    const final = whole as Completion;
    expect(final.choices[0]?.message.content).toBe(text);
    expect(final.usage?.completion_tokens).toBe(12);
    expect(final.modx.alerts).toHaveLength(3);
  });

  it("sends what waited for a stop string that did not come", async () => {
    await start();
    const whole = textOf(await stream());
    expect(textOf(await stream({ stop: `${whole.slice(-3)}...` }))).toBe(whole);
  });
});

describe("an alarm", () => {
  it("on the prompt halts before any token", async () => {
    await start({ alarms: ["prompt"] });
    const completion = await complete();
    expect(completion.choices[0]).toMatchObject({ finish_reason: "content_filter", message: { content: "" } });
    expect(completion.modx).toMatchObject({ alarm: true, token: -1, released: 0, generated: 0, policy: "halt" });
    expect(completion.usage?.completion_tokens).toBe(0);
    const chunks = await stream();
    expect(textOf(chunks)).toBe("");
    expect(chunks[0]?.modx?.alert).toMatchObject({ token: -1, released: 0, detector: "test-0" });
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("content_filter");
  });

  it("at a token halts there, and the token stays", async () => {
    await start({ alarms: [3] });
    const whole = await complete();
    expect(whole.choices[0]?.finish_reason).toBe("content_filter");
    expect(whole.modx).toMatchObject({ alarm: true, token: 3, released: 3, generated: 4, score: 1, threshold: 0.5 });
    const chunks = await stream();
    expect(textOf(chunks)).toBe(whole.choices[0]?.message.content);
    const [alarmed] = chunks.filter((chunk) => chunk.modx?.alert !== undefined);
    expect(alarmed?.choices).toEqual([]);
    expect(alarmed?.modx).toMatchObject({ token: 3, withheld: true, level: "alarm" });
    expect(alarmed?.modx).not.toHaveProperty("text");
    expect(alarmed?.modx?.alert).toEqual({
      id: service.alerts[1]?.id,
      detector: "test-0",
      token: 3,
      score: 1,
      threshold: 0.5,
      policy: "halt",
      why: [{ name: "one", value: 1, contribution: 1 }],
      calibrated: true,
      released: 3,
    });
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("content_filter");
  });

  it("withholds as many tokens as the policy holds", async () => {
    await start({ alarms: [3], hold: 3 });
    const { modx } = await complete({ modx: { scores: true } });
    expect(modx).toMatchObject({ released: 1, generated: 4 });
    expect(modx.scores?.filter((score) => score.withheld === true).map(({ token }) => token)).toEqual([1, 2, 3]);
  });

  it("lets everything out under the policy alert, and is told of once for each detector", async () => {
    await start({ action: "alert", alarms: [2, 2, "never"] });
    const chunks = await stream();
    const alarmed = chunks.filter((chunk) => chunk.modx?.alert !== undefined);
    expect(alarmed.map((chunk) => chunk.modx?.alert?.detector)).toEqual(["test-0", "test-1"]);
    expect(alarmed.map((chunk) => chunk.choices.length)).toEqual([1, 0]);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("length");
    expect(chunks.at(-1)?.modx).toMatchObject({ alarm: true, token: 2, released: 12 });
    expect(service.alerts).toHaveLength(2);
    expect(service.alerts[0]).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      request: chunks[0]?.id,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      model: "cd".repeat(32),
      adapters: ["ef".repeat(32)],
      pack: "ab".repeat(32),
      detector: "test-0",
      token: 2,
      score: 1,
      threshold: 0.5,
      policy: "alert",
      released: 2,
    });
  });

  it("does not cost the response when its alert cannot be stored", async () => {
    await start({
      action: "alert",
      alarms: [1],
      onAlert: () => {
        throw new Error("no space left");
      },
    });
    const chunks = await stream();
    expect(chunks.find((chunk) => chunk.modx?.alert !== undefined)?.modx?.alert?.id).toBeNull();
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("length");
    expect(service.errors).toHaveLength(1);
    const health = (await (await fetch(`${service.listening.url}/health`)).json()) as Record<string, unknown>;
    expect(health).toMatchObject({ status: "degraded", modx: { lostAlerts: 1 } });
  });
});

describe("the text of withheld tokens", () => {
  it("is shown to nobody by default, whatever a request says", async () => {
    await start({ alarms: [1] });
    await expect(complete({ modx: { reveal: true } })).rejects.toMatchObject({
      status: 403,
      code: "MODX_SERVER_REVEAL",
      param: "modx.reveal",
    });
  });

  it("is shown where the owner allows it, to a request that asks", async () => {
    await start({ alarms: [1], reveal: true });
    const { modx } = await complete({ modx: { reveal: true } });
    expect(modx.scores).toHaveLength(1);
    expect(modx.scores?.[0]).toMatchObject({ token: 1, withheld: true, text: expect.any(String) });
    expect((await stream()).some((chunk) => chunk.modx !== undefined && "text" in chunk.modx)).toBe(false);
  });
});
