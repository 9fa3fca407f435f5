import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { sseResponse } from "./sse-response.ts";

async function* count(to: number, log: string[], ms = 0): AsyncGenerator<string, void, undefined> {
  try {
    for (let i = 0; i < to; i++) {
      log.push(`made ${i}`);
      if (ms > 0) await sleep(ms);
      yield String(i);
    }
  } finally {
    log.push("ended");
  }
}

describe("sseResponse", () => {
  it("sends one data line for each item", async () => {
    const response = sseResponse(count(2, []), { onCancel: () => undefined });
    expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
    expect(await response.text()).toBe("data: 0\n\ndata: 1\n\n");
  });

  it("makes nothing ahead of its reader, and ends the source when nobody reads", async () => {
    const log: string[] = [];
    const response = sseResponse(count(9, log), { onCancel: () => log.push("cancelled") });
    const reader = response.body?.getReader();
    await reader?.read();
    await sleep(20);
    expect(log).toEqual(["made 0"]);
    await reader?.cancel();
    expect(log).toEqual(["made 0", "cancelled", "ended"]);
  });

  it("sends comments while nothing comes", async () => {
    const text = await sseResponse(count(1, [], 50), { onCancel: () => undefined, pingMs: 20 }).text();
    expect(text).toMatch(/^(: ping\n\n)+data: 0\n\n$/);
  });

  it("gives up a reader that takes nothing", async () => {
    const log: string[] = [];
    const response = sseResponse(count(9, log), { onCancel: () => log.push("cancelled"), stallMs: 20 });
    const reader = response.body?.getReader();
    await reader?.read();
    await sleep(60);
    expect(log).toEqual(["made 0", "cancelled", "ended"]);
    expect(await reader?.read()).toMatchObject({ done: true });
  });
});
