import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "@modx/engine";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../app/create-app.ts";
import { MAX_BODY_BYTES } from "../request/read-json.ts";
import { ServerState } from "../state/server-state.ts";
import { MODEL, openTestEngine, startService, type TestService } from "../testing/test-service.ts";

const MESSAGES = [{ role: "user" as const, content: "List the planets." }];
const ASK = { model: MODEL, messages: MESSAGES, max_completion_tokens: 8 };
/** More than a test waits for on two cores. */
const LONG = {
  ...ASK,
  messages: [{ role: "user" as const, content: "Write a long story." }],
  max_completion_tokens: 400,
};

/** Tells of a response that went on although nobody reads it. */
const NOTICE = { action: "alert", alarms: [100] } as const;

let engine: Engine;
let service: TestService;
beforeAll(async () => {
  engine = await openTestEngine(1);
});
afterAll(() => engine.close());
afterEach(() => service.listening.close(0));

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !holds(); i++) await sleep(10);
  expect(holds()).toBe(true);
}

describe("a client that leaves", () => {
  it("in the middle of a stream frees its sequence for the next request", async () => {
    service = await startService(engine, NOTICE);
    const stream = await service.client.chat.completions.create({ ...LONG, stream: true });
    let seen = 0;
    for await (const _ of stream) if (++seen === 3) break;
    const next = await service.client.chat.completions.create(ASK);
    expect(next.usage?.completion_tokens).toBe(8);
    await until(() => service.state.running.size === 0);
    expect([service.alerts, service.errors]).toEqual([[], []]);
  });

  it("while it waits for a whole answer does so as well", async () => {
    service = await startService(engine, NOTICE);
    const controller = new AbortController();
    const first = service.client.chat.completions.create(LONG, { signal: controller.signal });
    await until(() => service.state.running.size === 1);
    controller.abort();
    await expect(first).rejects.toThrow();
    const next = await service.client.chat.completions.create(ASK);
    expect(next.usage?.completion_tokens).toBe(8);
    expect([service.alerts, service.errors]).toEqual([[], []]);
  });

  it("while it waits in the queue leaves the queue", async () => {
    service = await startService(engine, NOTICE);
    const first = await service.client.chat.completions.create({ ...LONG, stream: true });
    const second = await service.client.chat.completions.create({ ...LONG, stream: true });
    await until(() => service.state.running.size === 2);
    second.controller.abort();
    await until(() => service.state.running.size === 1);
    first.controller.abort();
    await until(() => service.state.running.size === 0);
    expect(service.alerts).toEqual([]);
  });
});

describe("a request that takes too long", () => {
  it("ends with a code, and frees its sequence for the next one", async () => {
    service = await startService(engine, { ...NOTICE, deadlineMs: 300 });
    const response = await service.post(LONG);
    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({ error: { code: "MODX_SERVER_DEADLINE", type: "server_error" } });
    const streamed = await (await service.post({ ...LONG, stream: true })).text();
    expect(streamed).toContain("MODX_SERVER_DEADLINE");
    expect(streamed).not.toContain("[DONE]");
    await until(() => service.state.running.size === 0);
    expect((await service.client.chat.completions.create({ ...ASK, max_completion_tokens: 2 })).choices).toHaveLength(
      1,
    );
  });
});

describe("a client that breaks off in its request", () => {
  it("is no error of the server", async () => {
    service = await startService(engine);
    const socket = connect(service.listening.port, "127.0.0.1");
    socket.write("POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{");
    await sleep(50);
    socket.destroy();
    await sleep(50);
    expect(service.errors).toEqual([]);
    expect(await (await fetch(`${service.listening.url}/health`)).json()).toMatchObject({ status: "ok" });
  });
});

describe("two requests at once", () => {
  it("are both answered, and one that waits is told that the server lives", async () => {
    service = await startService(engine, { pingMs: 20 });
    const bodies = await Promise.all([0, 1].map(async () => (await service.post({ ...ASK, stream: true })).text()));
    for (const body of bodies) expect(body).toMatch(/\ndata: \[DONE\]\n\n$/);
    expect(bodies.some((body) => body.includes(": ping\n\n"))).toBe(true);
    expect(bodies.some((body) => /^event:/m.test(body))).toBe(false);
  });

  it("run side by side where there are two sequences", async () => {
    const two = await openTestEngine(2);
    try {
      service = await startService(two);
      const alone = await service.client.chat.completions.create(ASK);
      const answers = await Promise.all([0, 1].map(() => service.client.chat.completions.create(ASK)));
      for (const answer of answers) expect(answer.choices[0]?.message).toEqual(alone.choices[0]?.message);
    } finally {
      await two.close();
    }
  });
});

describe("a request that cannot be answered", () => {
  it("is refused with OpenAI's error object", async () => {
    service = await startService(engine);
    const long = { ...ASK, messages: [{ role: "user", content: "word ".repeat(600) }] };
    const cases: [unknown, number, string, string | null][] = [
      ["{not json", 400, "MODX_SERVER_REQUEST", null],
      ["[]", 400, "MODX_SERVER_REQUEST", null],
      [{ ...ASK, messages: [] }, 400, "MODX_SERVER_REQUEST", "messages"],
      [{ ...ASK, messages: [{ role: "tool", content: "x" }] }, 400, "MODX_SERVER_REQUEST", "messages[0].role"],
      [{ ...ASK, messages: [{ role: "user", content: null }] }, 400, "MODX_SERVER_REQUEST", "messages[0].content"],
      [{ ...ASK, temperature: 3 }, 400, "MODX_SERVER_REQUEST", "temperature"],
      [{ ...ASK, max_tokens: 0 }, 400, "MODX_SERVER_REQUEST", "max_tokens"],
      [{ ...ASK, stop: Array(17).fill("x") }, 400, "MODX_SERVER_REQUEST", "stop"],
      [{ ...ASK, model: "gpt-5" }, 404, "model_not_found", "model"],
      [{ ...ASK, n: 2 }, 400, "unsupported_parameter", "n"],
      [{ ...ASK, tools: [{ type: "function" }] }, 400, "unsupported_parameter", "tools"],
      [{ ...ASK, response_format: { type: "json_object" } }, 400, "unsupported_parameter", "response_format"],
      [{ ...ASK, audio: { voice: "x" } }, 400, "unsupported_parameter", "audio"],
      [
        { ...ASK, messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "x" } }] }] },
        400,
        "unsupported_parameter",
        "messages[0].content[0]",
      ],
      [long, 400, "context_length_exceeded", null],
      [{ ...long, stream: true }, 400, "context_length_exceeded", null],
      [{ ...ASK, max_completion_tokens: 4000 }, 400, "context_length_exceeded", null],
    ];
    for (const [body, status, code, param] of cases) {
      const response = await service.post(body);
      const { error } = (await response.json()) as { error: Record<string, unknown> };
      expect([response.status, error["code"], error["param"]], JSON.stringify(body).slice(0, 200)).toEqual([
        status,
        code,
        param,
      ]);
      expect(error["type"]).toBe("invalid_request_error");
      expect(error["message"]).toMatch(/^[^\n]+$/);
    }
    expect(service.errors).toEqual([]);
  });

  it("is refused when its body is too large, whether it says so beforehand or not", async () => {
    service = await startService(engine);
    const body = JSON.stringify({ ...ASK, user: "x".repeat(MAX_BODY_BYTES) });
    expect((await service.post(body)).status).toBe(413);
    const chunked = await fetch(`${service.listening.url}/v1/chat/completions`, {
      method: "POST",
      body: new Blob([body]).stream(),
      duplex: "half",
    } as RequestInit);
    expect(chunked.status).toBe(413);
    const within = { ...ASK, user: "x".repeat(MAX_BODY_BYTES / 2) };
    const accepted = await fetch(`${service.listening.url}/v1/chat/completions`, {
      method: "POST",
      body: new Blob([JSON.stringify(within)]).stream(),
      duplex: "half",
    } as RequestInit);
    expect(accepted.status).toBe(200);
    await accepted.text();
  });

  it("is refused without a key of the server", async () => {
    service = await startService(engine, { apiKeys: ["first", "second"] });
    const asked = async (key?: string): Promise<number> =>
      (await service.post(ASK, key === undefined ? {} : { authorization: `Bearer ${key}` })).status;
    expect(await asked()).toBe(401);
    expect(await asked("firs")).toBe(401);
    expect(await asked("")).toBe(401);
    expect(await asked("second")).toBe(200);
    expect((await service.client.models.list()).data.map(({ id }) => id)).toEqual([MODEL]);
    const health = await fetch(`${service.listening.url}/health`);
    expect(await health.json()).toEqual({ status: "ok" });
  });
});

describe("what the server says of itself", () => {
  it("names the model, its packs and its policy", async () => {
    service = await startService(engine);
    const health = await (await fetch(`${service.listening.url}/health`)).json();
    expect(health).toEqual({
      status: "ok",
      modx: {
        model: MODEL,
        packs: [{ name: "test", sha256: "ab".repeat(32), fit: "calibrated", reasons: [] }],
        policy: "halt",
        hold: 1,
        lostAlerts: 0,
        degraded: [],
      },
    });
    expect(await service.client.models.retrieve(MODEL)).toMatchObject({ id: MODEL, object: "model" });
    await expect(service.client.models.retrieve("gpt-5")).rejects.toMatchObject({
      status: 404,
      code: "model_not_found",
    });
    const nothing = await fetch(`${service.listening.url}/nothing`);
    expect(nothing.status).toBe(404);
    expect(await nothing.json()).toMatchObject({ error: { code: "unknown_url", param: null } });
  });

  it("is that it is loading while it has no model", async () => {
    service = await startService(engine);
    const app = createApp(new ServerState());
    expect((await app.request("/health")).status).toBe(503);
    const response = await app.request("/v1/chat/completions", { method: "POST", body: JSON.stringify(ASK) });
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: "MODX_SERVER_LOADING", type: "server_error" } });
  });
});
