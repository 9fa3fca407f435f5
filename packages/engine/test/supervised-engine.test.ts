import { copyFileSync, mkdtempSync, renameSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { openSupervised, type SupervisedEngine } from "../src/supervised/supervised-engine.ts";
import type { SupervisionEvent } from "../src/supervised/supervisor.ts";
import { tapName } from "../src/taps/tap-name.ts";
import { allConformance } from "./all-conformance.ts";

allConformance(openSupervised);

describe("a supervised engine", () => {
  const events: SupervisionEvent[] = [];
  const row = { name: "one", weights: new Float32Array(576).fill(1), bias: 0 };
  let engine: SupervisedEngine;
  beforeAll(async () => {
    engine = await openSupervised(
      { model: inject("modelFile"), taps: [tapName(12)], sequences: 2 },
      { heartbeat: { everyMs: 100, patienceMs: 3000 }, onEvent: (event) => events.push(event) },
    );
    await engine.bind([{ tap: tapName(12), rows: [row] }]);
  });
  afterAll(() => engine.close());

  const read = async (): Promise<Float32Array> => {
    const { tokens } = await engine.prompt([{ role: "user", content: "Name a tree." }]);
    const sequence = await engine.start({ maxTokens: tokens.length });
    try {
      return (await sequence.decode(tokens)).readings;
    } finally {
      sequence.close();
    }
  };
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    process.kill((await engine.pid()) ?? 0, signal);
  };

  it("ends what is in flight with a code when its process is killed, and serves the next request", async () => {
    const before = await read();
    const { tokens } = await engine.prompt([{ role: "user", content: "Tell me a long story." }]);
    const sequences = await Promise.all([1, 2].map(() => engine.start({ maxTokens: tokens.length + 8 })));
    const waits = engine.start({ maxTokens: 8 });
    const inFlight = sequences.map((sequence) => sequence.decode(tokens, { sample: true }));
    await kill("SIGKILL");
    const results = await Promise.allSettled([...inFlight, waits]);
    for (const result of results)
      expect(result).toMatchObject({ status: "rejected", reason: { code: "MODX_ENGINE_CRASHED" } });
    // what was open stays dead, whatever runs in its place
    await expect(sequences[0]?.decode(tokens)).rejects.toMatchObject({ code: "MODX_ENGINE_CRASHED" });
    for (const sequence of sequences) sequence.close();
    expect(await read()).toEqual(before);
    expect(events.map(({ type }) => type)).toEqual(["ended", "restarted"]);
  });

  it("is started again when its process no longer answers", async () => {
    const pid = await engine.pid();
    await kill("SIGSTOP");
    await expect(read()).rejects.toMatchObject({ code: "MODX_ENGINE_CRASHED" });
    expect((await read()).every((value, i) => i === 0 || Number.isFinite(value))).toBe(true);
    expect(await engine.pid()).not.toBe(pid);
  });

  it("lets a waiting request go, and gives its place to the next", async () => {
    const both = await Promise.all([1, 2].map(() => engine.start({ maxTokens: 8 })));
    const leave = new AbortController();
    const waits = engine.start({ maxTokens: 8, signal: leave.signal });
    leave.abort(new Error("gone"));
    await expect(waits).rejects.toThrow("gone");
    for (const sequence of both) sequence.close();
    (await engine.start({ maxTokens: 8 })).close();
  });

  it("turns tokens into text and knows where a response ends, as the model does", async () => {
    const text = "Häuser, 漢字 and 🦔 hedgehogs.";
    const decoder = engine.text();
    const tokens = [...(await engine.tokenize(text))];
    expect(tokens.map((token) => decoder.push(token)).join("") + decoder.flush()).toBe(text);
    expect([engine.isEnd(2), engine.isEnd(28)]).toEqual([true, false]);
  });
});

describe("a supervised engine whose process is started again", () => {
  const folder = mkdtempSync(join(tmpdir(), "modx-supervised-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const tiny = (name: string): string => fileURLToPath(new URL(`architectures/${name}.gguf`, import.meta.url));

  it("does not serve another model under the same name, but the first again", async () => {
    const model = join(folder, "model.gguf");
    const put = (name: string): void => {
      copyFileSync(tiny(name), join(folder, "next.gguf"));
      renameSync(join(folder, "next.gguf"), model);
    };
    put("llama");
    const events: SupervisionEvent[] = [];
    let restarted = (): void => undefined;
    const again = new Promise<void>((resolve) => {
      restarted = resolve;
    });
    const engine = await openSupervised(
      { model, contextTokens: 64, threads: 1 },
      {
        onEvent: (event) => {
          events.push(event);
          if (events.length === 2) put("llama");
          if (event.type === "restarted") restarted();
        },
      },
    );
    try {
      put("qwen2");
      process.kill((await engine.pid()) ?? 0, "SIGKILL");
      await again;
      expect(events).toMatchObject([
        { error: { code: "MODX_ENGINE_CRASHED" } },
        { error: { code: "MODX_ENGINE_MODEL_REFUSED" } },
        { type: "restarted" },
      ]);
    } finally {
      await engine.close();
    }
  });

  it("says that one pass took too long", async () => {
    const engine = await openSupervised(
      { model: inject("modelFile"), contextTokens: 512, threads: 1 },
      { heartbeat: { everyMs: 20, patienceMs: 60_000, passMs: 50 } },
    );
    try {
      const sequence = await engine.start({ maxTokens: 512 });
      await expect(sequence.decode(new Int32Array(512).fill(28))).rejects.toMatchObject({
        code: "MODX_ENGINE_CRASHED",
        what: expect.stringContaining("one pass took"),
      });
    } finally {
      await engine.close();
    }
  });
});

describe("a file that llama.cpp refuses", () => {
  const folder = mkdtempSync(join(tmpdir(), "modx-supervised-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("is refused with a code, and leaves no process behind", async () => {
    const cut = join(folder, "cut.gguf");
    copyFileSync(inject("modelFile"), cut);
    truncateSync(cut, 20_000_000);
    await expect(openSupervised({ model: cut })).rejects.toMatchObject({
      code: expect.stringMatching(/^MODX_ENGINE_/),
    });
  });
});
