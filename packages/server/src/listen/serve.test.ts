import type { Engine } from "@modx/engine";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../app/create-app.ts";
import { ServerState } from "../state/server-state.ts";
import { MODEL, openTestEngine, startService } from "../testing/test-service.ts";
import { serve } from "./serve.ts";

const ASK = { model: MODEL, messages: [{ role: "user" as const, content: "Write a long story." }] };

let engine: Engine;
beforeAll(async () => {
  engine = await openTestEngine(1);
});
afterAll(() => engine.close());

describe("serve", () => {
  it("says that a port is in use, and that an address is not this machine's", async () => {
    const state = new ServerState();
    const app = createApp(state);
    const first = await serve({ app, state, host: "127.0.0.1", port: 0 });
    const { port } = first;
    await expect(serve({ app, state, host: "127.0.0.1", port })).rejects.toMatchObject({
      code: "MODX_SERVER_PORT",
      message: `port ${port} is in use; choose another with --port`,
    });
    await expect(serve({ app, state, host: "192.0.2.1", port: 0 })).rejects.toMatchObject({
      code: "MODX_SERVER_ADDRESS",
    });
    await first.close();
  });

  it("leaves the globals of the process alone", async () => {
    const { Request: request, Response: response } = globalThis;
    const state = new ServerState();
    await (await serve({ app: createApp(state), state, host: "127.0.0.1", port: 0 })).close();
    expect([globalThis.Request, globalThis.Response]).toEqual([request, response]);
  });
});

describe("stopping", () => {
  it("lets a running request end", async () => {
    const { client, listening } = await startService(engine);
    const stream = await client.chat.completions.create({ ...ASK, max_tokens: 8, stream: true });
    const closed = listening.close();
    let reason: string | null | undefined;
    for await (const chunk of stream) reason = chunk.choices[0]?.finish_reason;
    expect(reason).toBe("length");
    await closed;
    await expect(fetch(`${listening.url}/health`)).rejects.toThrow();
  });

  it("ends one that takes longer than the grace, and says why", async () => {
    const { client, listening, state, errors } = await startService(engine);
    const stream = await client.chat.completions.create({ ...ASK, max_tokens: 450, stream: true });
    const closed = listening.close(100);
    await expect(
      (async () => {
        for await (const _ of stream);
      })(),
    ).rejects.toMatchObject({ code: "MODX_SERVER_STOPPING" });
    await closed;
    expect(state.running.size).toBe(0);
    expect(errors).toEqual([]);
  });
});
