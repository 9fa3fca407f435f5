import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Decoded, Engine } from "./engine.ts";
import type { EngineOptions } from "./in-process-engine.ts";
import type { Readout } from "./readout/readout.ts";
import { tapName } from "./taps/tap-name.ts";

const TAP = tapName(14);
const WIDTH = 576;

/** What every implementation must keep of prompts that begin alike, on a real model of width 576. */
export function promptCacheConformance(open: (options: Omit<EngineOptions, "model">) => Promise<Engine>): void {
  describe("a prompt that begins as one before", () => {
    let engine: Engine;
    const readout: Readout = {
      tap: TAP,
      rows: [0, 1, 2].map((seed) => ({
        name: `row-${seed}`,
        weights: Float32Array.from({ length: WIDTH }, (_, i) => Math.sin((seed + 1) * i)),
        bias: seed,
      })),
    };
    beforeAll(async () => {
      engine = await open({ taps: [TAP], sequences: 2, contextTokens: 512, batchTokens: 32, edits: true });
    });
    afterAll(() => engine.close());

    const tokensOf = async (...contents: string[]): Promise<Int32Array> => {
      const messages = contents.map((content, i) => ({ role: i % 2 === 0 ? "user" : "assistant", content }));
      return (await engine.prompt(messages)).tokens;
    };
    async function read(tokens: Int32Array, capture = false): Promise<Decoded> {
      const sequence = await engine.start({ maxTokens: tokens.length, prefix: tokens });
      try {
        return await sequence.decode(tokens, { sample: true, capture });
      } finally {
        sequence.close();
      }
    }
    /** Binding anew empties the memory of prompts. */
    const forget = (): Promise<void> => engine.bind([readout]);
    const fresh = async (tokens: Int32Array): Promise<Decoded> => {
      await forget();
      return read(tokens);
    };

    it("is neither decoded nor read again where it is the same, and gives the same to the last bit", async () => {
      const [short, long, other] = [
        await tokensOf("Why does the sea taste of salt, and rivers do not?"),
        await tokensOf(
          "Why does the sea taste of salt, and rivers do not?",
          "Rivers carry it there.",
          "How long does that take?",
        ),
        await tokensOf("Why do cats purr?"),
      ];
      const expected = [await fresh(short), await fresh(long), await fresh(other)];
      await forget();
      const found = [await read(short), await read(long), await read(short), await read(other)];
      for (const [i, decoded] of [expected[0], expected[1], expected[0], expected[2]].entries()) {
        expect(found[i]?.readings).toEqual(decoded?.readings);
        expect(found[i]?.next).toBe(decoded?.next);
      }
      expect(found[0]?.cached).toBe(0);
      expect(found[1]?.cached).toBeGreaterThan(short.length - 10);
      expect(found[2]?.cached).toBeGreaterThan(short.length - 10);
      // the template's beginning
      expect(found[3]?.cached).toBeGreaterThan(10);
    });

    it("goes on from what was generated, as a conversation's next turn does", async () => {
      await forget();
      const tokens = await tokensOf("Name three trees.");
      const sequence = await engine.start({ maxTokens: tokens.length + 6, prefix: tokens });
      let { next } = await sequence.decode(tokens, { sample: true });
      const answer: number[] = [];
      for (let i = 0; i < 6 && next !== null; i++) {
        answer.push(next);
        ({ next } = await sequence.decode(Int32Array.of(next), { sample: true }));
      }
      sequence.close();
      const longer = Int32Array.from([...tokens, ...answer, ...(await engine.tokenize(" And then?"))]);
      const found = await read(longer);
      expect(found.cached).toBe(tokens.length + 6);
      const expected = await fresh(longer);
      expect(found.readings).toEqual(expected.readings);
      expect(found.next).toBe(expected.next);
    });

    it("shares nothing that was edited, nor readings of rows that were replaced, nor where residuals are wanted", async () => {
      const tokens = await tokensOf("How do bees find their way?");
      const expected = await fresh(tokens);
      const direction = new Float32Array(WIDTH).fill(1);
      const edits = { edits: [{ tap: TAP, direction, change: { kind: "add" as const, amount: 5 } }] };
      await forget();
      const edited = await engine.start({ maxTokens: tokens.length, edits });
      await edited.decode(tokens);
      edited.close();
      const after = await read(tokens);
      expect([after.cached, after.readings]).toEqual([0, expected.readings]);
      expect((await read(tokens, true)).residuals?.[0]).toHaveLength(tokens.length * WIDTH);
      await engine.bind([{ tap: TAP, rows: readout.rows.slice(0, 1) }]);
      expect(await read(tokens)).toMatchObject({ cached: 0, readings: { length: tokens.length } });
    });

    it("is never joined with what other rows read, whenever they are bound", async () => {
      const tokens = await tokensOf("Why is the sky blue in the day, and red in the evening? Explain it to a child.");
      const other: Readout = { tap: TAP, rows: readout.rows.map((row) => ({ ...row, bias: row.bias + 100 })) };
      const byOld = (await fresh(tokens)).readings;
      await engine.bind([other]);
      const byNew = (await read(tokens)).readings;
      const start = () => engine.start({ maxTokens: tokens.length, prefix: tokens });
      /** All rows are of one binding, or the decode says that they are not. */
      const check = async (decoding: Promise<Decoded>): Promise<void> => {
        const outcome = await decoding.then(
          ({ readings }) => readings,
          (error: { code: string }) => error.code,
        );
        if (outcome !== "MODX_ENGINE_BUSY") expect([byOld, byNew]).toContainEqual(outcome);
      };
      for (const cached of [true, false]) {
        for (const wait of [0, 2, 15, 40]) {
          await forget();
          if (cached) await read(tokens.subarray(0, tokens.length - 4));
          const first = await start();
          const decoding = first.decode(tokens);
          const checked = check(decoding);
          if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
          await engine.bind([other]);
          await checked;
          first.close();
        }
        await forget();
        if (cached) await read(tokens);
        const second = await start();
        const [, decoding] = [engine.bind([other]), second.decode(tokens)];
        await check(decoding);
        second.close();
      }
    });

    it("is right for two that begin alike at a time, of which one finds the memory", async () => {
      const tokens = await tokensOf("Where does the wind come from?");
      const expected = await fresh(tokens);
      await forget();
      await read(tokens);
      const both = await Promise.all([read(tokens), read(tokens)]);
      expect(both.map(({ readings }) => readings)).toEqual([expected.readings, expected.readings]);
      expect(Math.max(...both.map(({ cached }) => cached))).toBe(tokens.length - 1);
    });
  });
}
