import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine, Sequence } from "./engine.ts";
import type { EngineOptions } from "./in-process-engine.ts";
import type { Readout } from "./readout/readout.ts";
import { tapName } from "./taps/tap-name.ts";

/** What every implementation of Engine must do, on a real model of 30 layers and width 576. */
export function engineConformance(open: (options: Omit<EngineOptions, "model">) => Promise<Engine>): void {
  const TAPS = [tapName(9), tapName(18), tapName(29)];
  const TEXTS = [
    "How do I bake bread without an oven?",
    "Explain why the sky is blue to a child.",
    "Write a short poem about a lighthouse.",
    "What is 17 times 23?",
    "Give me three names for a cat.",
    "Translate 'good morning' into French and Spanish, please.",
    "Why do cats purr?",
    "List the planets.",
  ];
  const greedy = (engine: Engine, text: string, tokens: number): Promise<number[]> =>
    generate(engine, text, tokens, {});

  async function generate(engine: Engine, text: string, count: number, sampling: object): Promise<number[]> {
    const prompt = await engine.prompt([{ role: "user", content: text }]);
    const sequence = await engine.start({ maxTokens: prompt.tokens.length + count, sampling });
    const out: number[] = [];
    let { next } = await sequence.decode(prompt.tokens, { sample: true });
    while (next !== null && !engine.isEnd(next) && out.length < count) {
      out.push(next);
      ({ next } = await sequence.decode(Int32Array.of(next), { sample: true }));
      if (sequence.length === prompt.tokens.length + count) break;
    }
    sequence.close();
    return out;
  }

  describe("readings", () => {
    let engine: Engine;
    const readouts = randomReadouts();
    beforeAll(async () => {
      engine = await open({ taps: TAPS, sequences: 8, contextTokens: 4096, batchTokens: 64 });
      await engine.bind(readouts);
    });
    afterAll(() => engine.close());

    it("equal the stored row on the captured residual, over prompt and response", async () => {
      const prompt = await engine.prompt([{ role: "user", content: TEXTS[0] ?? "" }]);
      const sequence = await engine.start({ maxTokens: prompt.tokens.length + 8 });
      let decoded = await sequence.decode(prompt.tokens, { sample: true, capture: true });
      checkReadings(engine, readouts, decoded, 1);
      for (let i = 0; i < 8; i++) {
        decoded = await sequence.decode(Int32Array.of(decoded.next ?? 0), { sample: true, capture: true });
        checkReadings(engine, readouts, decoded, 0);
      }
      sequence.close();
    });

    it("have no value at position 0 and a finite one everywhere else", async () => {
      const prompt = await engine.prompt([{ role: "user", content: TEXTS[1] ?? "" }]);
      const sequence = await engine.start({ maxTokens: prompt.tokens.length });
      const { readings } = await sequence.decode(prompt.tokens);
      const rows = engine.rowNames.length;
      expect(readings.subarray(0, rows).every(Number.isNaN)).toBe(true);
      expect(readings.subarray(rows).every(Number.isFinite)).toBe(true);
      sequence.close();
    });

    it("move by no more than a hundredth of their spread when 3 or 8 sequences share the pass", async () => {
      const tokens = await Promise.all(
        TEXTS.map(async (text) => (await engine.prompt([{ role: "user", content: text }])).tokens),
      );
      const read = async (group: Int32Array[], chunk: number): Promise<Float32Array[]> =>
        Promise.all(
          group.map(async (all) => {
            const sequence = await engine.start({ maxTokens: all.length });
            const parts: Float32Array[] = [];
            for (let at = 0; at < all.length; at += chunk)
              parts.push((await sequence.decode(all.subarray(at, at + chunk))).readings);
            sequence.close();
            return Float32Array.from(parts.flatMap((part) => [...part]));
          }),
        );
      const alone: Float32Array[] = [];
      for (const one of tokens) alone.push(...(await read([one], one.length)));
      const rows = engine.rowNames.length;
      const spread = spreads(alone, rows);
      for (const size of [1, 3, 8]) {
        for (const chunk of [1, 7]) {
          const together: Float32Array[] = [];
          for (let at = 0; at < tokens.length; at += size)
            together.push(...(await read(tokens.slice(at, at + size), chunk)));
          let worst = 0;
          together.forEach((readings, index) => {
            readings.forEach((reading, at) => {
              if (at < rows) return;
              worst = Math.max(
                worst,
                Math.abs(reading - (alone[index]?.[at] ?? Number.NaN)) / (spread[at % rows] ?? 1),
              );
            });
          });
          expect(worst, `${size} at a time, ${chunk} tokens a step`).toBeLessThan(0.01);
        }
      }
    });

    it("do not move in company where memory is long, and attention could take another kernel", async () => {
      const long = await open({ taps: TAPS, sequences: 2, contextTokens: 640 });
      try {
        await long.bind(readouts);
        const read = async (seed: number): Promise<number[]> => {
          const tokens = Int32Array.from({ length: 528 }, (_, i) => 300 + ((i * seed) % 4001));
          const sequence = await long.start({ maxTokens: tokens.length });
          await sequence.decode(tokens.subarray(0, 520));
          const readings: number[] = [];
          for (const token of tokens.subarray(520)) {
            const { readings: one } = await sequence.decode(Int32Array.of(token));
            readings.push(...one);
          }
          sequence.close();
          return readings;
        };
        const alone = await read(7919);
        const [together] = await Promise.all([read(7919), read(104729)]);
        expect(together).toEqual(alone);
      } finally {
        await long.close();
      }
    });

    it("are the same, to the bit, behind a prompt that another continuation was taken back from", async () => {
      const { tokens } = await engine.prompt([{ role: "user", content: TEXTS[4] ?? "" }]);
      const read = async (sequence: Sequence, text: string): Promise<Float32Array> =>
        (await sequence.decode(await engine.tokenize(text))).readings;
      const fresh = await engine.start({ maxTokens: 128 });
      await fresh.decode(tokens);
      const expected = await read(fresh, "Mia, Leo and Tom.");
      const sequence = await engine.start({ maxTokens: 128 });
      await sequence.decode(tokens);
      await read(sequence, "I will not name a cat, whatever you say.");
      expect(await sequence.rewind(tokens.length)).toBe(true);
      expect(sequence.length).toBe(tokens.length);
      expect(await read(sequence, "Mia, Leo and Tom.")).toEqual(expected);
      for (const length of [0, 1.5, sequence.length + 1])
        await expect(sequence.rewind(length)).rejects.toMatchObject({ code: "MODX_ENGINE_ARGUMENT" });
      fresh.close();
      sequence.close();
      await expect(sequence.rewind(1)).rejects.toMatchObject({ code: "MODX_ENGINE_DISPOSED" });
    });

    it("do not change what is generated", async () => {
      const plain = await open({ taps: [], contextTokens: 1024 });
      for (const text of TEXTS.slice(0, 4))
        expect(await greedy(engine, text, 24)).toEqual(await greedy(plain, text, 24));
      await plain.close();
    });

    it("can be replaced between steps", async () => {
      const [first] = readouts;
      if (first === undefined) throw new Error("no readout");
      await engine.bind([first]);
      expect(engine.rowNames).toEqual(first.rows.map((row) => row.name));
      await engine.bind(readouts);
      expect(engine.rowNames).toHaveLength(readouts.length * 2);
    });
  });

  describe("sampling", () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await open({ sequences: 2, contextTokens: 1024 });
    });
    afterAll(() => engine.close());

    it("gives the same tokens for the same seed and others for another", async () => {
      const sampling = { temperature: 1, topP: 0.95, topK: 100, minP: 0.01, seed: 7 };
      const first = await generate(engine, "Tell me a story.", 24, sampling);
      expect(await generate(engine, "Tell me a story.", 24, sampling)).toEqual(first);
      expect(await generate(engine, "Tell me a story.", 24, { ...sampling, seed: 8 })).not.toEqual(first);
    });

    it("is greedy at temperature 0 and with top-k 1", async () => {
      const expected = await greedy(engine, "Name a river.", 12);
      expect(await generate(engine, "Name a river.", 12, { temperature: 0.9, topK: 1, seed: 3 })).toEqual(expected);
    });

    it("is not disturbed by another sequence", async () => {
      const alone = await generate(engine, "Tell me a joke.", 16, { temperature: 1, seed: 5 });
      const [together] = await Promise.all([
        generate(engine, "Tell me a joke.", 16, { temperature: 1, seed: 5 }),
        greedy(engine, "Name a tree.", 16),
      ]);
      expect(together).toEqual(alone);
    });

    it.each([
      { temperature: -1 },
      { temperature: Number.NaN },
      { topP: 0 },
      { topP: 1.5 },
      { minP: 1 },
      { topK: -1 },
      { topK: 1.5 },
      { seed: -1 },
      { seed: 2 ** 32 },
    ])("refuses %o", async (sampling) => {
      await expect(engine.start({ maxTokens: 8, sampling })).rejects.toMatchObject({ code: "MODX_USAGE_SAMPLING" });
    });
  });

  describe("sequences", () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await open({ sequences: 2, contextTokens: 512, batchTokens: 32 });
    });
    afterAll(() => engine.close());

    /** Takes every slot. */
    const fill = (): Promise<Sequence[]> =>
      Promise.all(
        Array.from({ length: engine.properties.sequences }, () =>
          engine.start({ maxTokens: engine.properties.contextTokens }),
        ),
      );

    it("never run out of memory: what cannot fit is refused, what does not fit yet waits", async () => {
      const capacity = engine.properties.contextTokens;
      await expect(engine.start({ maxTokens: capacity + 1 })).rejects.toMatchObject({ code: "MODX_ENGINE_TOO_LONG" });
      await expect(engine.start({ maxTokens: 0 })).rejects.toMatchObject({ code: "MODX_ENGINE_TOO_LONG" });
      const all = await fill();
      let admitted = false;
      const next = engine.start({ maxTokens: 8 }).then((sequence) => {
        admitted = true;
        return sequence;
      });
      await all[0]?.decode(Int32Array.of(1, 2, 3));
      expect(admitted).toBe(false);
      for (const sequence of all) sequence.close();
      (await next).close();
    });

    it("leave the queue when their signal aborts", async () => {
      const all = await fill();
      const abort = new AbortController();
      const waiting = engine.start({ maxTokens: 8, signal: abort.signal });
      abort.abort(new Error("gone"));
      await expect(waiting).rejects.toThrow("gone");
      for (const sequence of all) sequence.close();
      for (const sequence of await fill()) sequence.close();
    });

    it("refuse more tokens than they reserved, none, overlapping calls and calls after close", async () => {
      const sequence = await engine.start({ maxTokens: 4 });
      await expect(sequence.decode(new Int32Array(0))).rejects.toMatchObject({ code: "MODX_ENGINE_ARGUMENT" });
      await expect(sequence.decode(Int32Array.of(1, 2, 3, 4, 5))).rejects.toMatchObject({
        code: "MODX_ENGINE_TOO_LONG",
      });
      const running = sequence.decode(Int32Array.of(1, 2));
      await expect(sequence.decode(Int32Array.of(3))).rejects.toMatchObject({ code: "MODX_ENGINE_BUSY" });
      await running;
      expect(sequence.length).toBe(2);
      sequence.close();
      sequence.close();
      await expect(sequence.decode(Int32Array.of(3))).rejects.toMatchObject({ code: "MODX_ENGINE_DISPOSED" });
    });

    it("decode nothing when they are closed before their turn, in a slot that is another's by then", async () => {
      const expected = await greedy(engine, "Name a colour.", 8);
      const other = await engine.start({ maxTokens: 8 });
      for (let i = 0; i < 3; i++) {
        const sequence = await engine.start({ maxTokens: 64 });
        const decoding = sequence.decode(new Int32Array(64).fill(28)).catch((error: { code: string }) => error.code);
        sequence.close();
        const next = greedy(engine, "Name a colour.", 8);
        expect(await decoding).toBe("MODX_ENGINE_DISPOSED");
        expect(await next).toEqual(expected);
      }
      other.close();
    });

    it("report a token outside the vocabulary and go on", async () => {
      const sequence = await engine.start({ maxTokens: 8 });
      await expect(sequence.decode(Int32Array.of(1 << 20))).rejects.toMatchObject({ code: "MODX_ENGINE_ARGUMENT" });
      await sequence.decode(Int32Array.of(1, 2));
      expect(sequence.length).toBe(2);
      sequence.close();
    });

    it("start from an empty memory in a slot that another one used", async () => {
      const before = await greedy(engine, "Name a colour.", 8);
      for (let i = 0; i < 5; i++) await greedy(engine, `Something else, number ${i}.`, 4);
      expect(await greedy(engine, "Name a colour.", 8)).toEqual(before);
    });
  });

  describe("opening", () => {
    it.each([
      ["a tap outside the model", { taps: ["blocks.30.hook_resid_post"] }, "MODX_USAGE_TAP"],
      ["a misspelt tap", { taps: ["layers.3"] }, "MODX_USAGE_TAP"],
      ["a context of no size", { contextTokens: 0 }, "MODX_USAGE"],
      ["too many sequences", { sequences: 1000 }, "MODX_USAGE"],
      [
        "an adapter that is not there",
        { adapters: [{ path: "/nowhere/adapter.gguf" }] },
        "MODX_ENGINE_ADAPTER_REFUSED",
      ],
      ["a template that is no template", { chatTemplate: "{% for" }, "MODX_ENGINE_TEMPLATE"],
    ] as const)("refuses %s", async (_, options, code) => {
      await expect(open(options as Omit<EngineOptions, "model">)).rejects.toMatchObject({ code });
    });
    it("says which template is in use, its own or another one", async () => {
      const template = "{% for message in messages %}{{ message.content }}{% endfor %}";
      const [own, other] = [await open({}), await open({ chatTemplate: template })];
      try {
        expect(other.model.templateHash).toBe(createHash("sha256").update(template).digest("hex"));
        expect(own.model.templateHash).not.toBe(other.model.templateHash);
      } finally {
        await own.close();
        await other.close();
      }
    });
  });

  function randomReadouts(): Readout[] {
    // a fixed linear congruential sequence: the same rows in every run
    let state = 12345;
    const random = (): number => {
      state = (state * 1103515245 + 12345) % 2 ** 31;
      return state / 2 ** 31 - 0.5;
    };
    return TAPS.map((tap) => ({
      tap,
      rows: ["a", "b"].map((name) => ({ name, weights: Float32Array.from({ length: 576 }, random), bias: random() })),
    }));
  }
}

/** |reading - row . residual - bias| <= 1e-3 |row| |residual|, from token `from` on. */
function checkReadings(
  engine: Engine,
  readouts: Readout[],
  decoded: { readings: Float32Array; residuals?: Float32Array[] },
  from: number,
): void {
  const { width } = engine.model;
  const rows = readouts.flatMap((readout) =>
    readout.rows.map((row) => ({ row, tap: engine.taps.indexOf(readout.tap) })),
  );
  const tokens = decoded.readings.length / rows.length;
  expect(tokens).toBeGreaterThan(0);
  for (let token = from; token < tokens; token++) {
    rows.forEach(({ row, tap }, index) => {
      const residual = decoded.residuals?.[tap]?.subarray(token * width, (token + 1) * width) ?? new Float32Array();
      expect(residual.length).toBe(width);
      const exact = residual.reduce((sum, value, i) => sum + value * (row.weights[i] ?? Number.NaN), row.bias);
      const bound = 1e-3 * Math.hypot(...row.weights) * Math.hypot(...residual);
      expect(Math.abs((decoded.readings[token * rows.length + index] ?? Number.NaN) - exact)).toBeLessThanOrEqual(
        bound,
      );
    });
  }
}

/** Standard deviation of each row's readings, position 0 left out. */
function spreads(readings: Float32Array[], rows: number): number[] {
  return Array.from({ length: rows }, (_, row) => {
    const values = readings.flatMap((all) => [...all].filter((_value, at) => at >= rows && at % rows === row));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  });
}
