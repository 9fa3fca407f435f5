import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "./engine.ts";
import type { EngineOptions } from "./in-process-engine.ts";
import { tapName } from "./taps/tap-name.ts";

interface Generated {
  tokens: number[];
  readings: Float32Array[];
}

/** Passes that begin before they are asked for must change nothing but the time. */
export function aheadConformance(open: (options: Omit<EngineOptions, "model">) => Promise<Engine>): void {
  describe("decoding ahead", () => {
    const TAP = tapName(14);
    const TEXTS = ["Name a river.", "Tell me a story.", "What is 2 + 2? Answer with the number.", "Name a tree."];
    let engine: Engine;
    beforeAll(async () => {
      engine = await open({ taps: [TAP], sequences: 3, contextTokens: 256 });
      const weights = Float32Array.from({ length: 576 }, (_, i) => Math.sin(i));
      await engine.bind([{ tap: TAP, rows: [{ name: "row", weights, bias: 0.5 }] }]);
    });
    afterAll(() => engine.close());

    async function generate(text: string, count: number, ahead: boolean, sampling: object = {}): Promise<Generated> {
      const prompt = await engine.prompt([{ role: "user", content: text }]);
      const sequence = await engine.start({ maxTokens: prompt.tokens.length + count, sampling });
      const out: Generated = { tokens: [], readings: [] };
      let decoded = await sequence.decode(prompt.tokens, { sample: true, ahead });
      while (decoded.next !== null && !engine.isEnd(decoded.next) && out.tokens.length < count) {
        out.tokens.push(decoded.next);
        decoded = await sequence.decode(Int32Array.of(decoded.next), { sample: out.tokens.length < count, ahead });
        out.readings.push(decoded.readings);
      }
      sequence.close();
      return out;
    }

    it.each([{}, { temperature: 1, seed: 11 }])(
      "gives the same tokens and, to the bit, the same readings with %o",
      async (sampling) => {
        for (const text of TEXTS) {
          const plain = await generate(text, 24, false, sampling);
          expect(await generate(text, 24, true, sampling)).toEqual(plain);
        }
      },
    );

    it("gives each of several sequences, of different lengths and joining late, what it gets alone", async () => {
      const lengths = [3, 24, 9, 17];
      const alone: Generated[] = [];
      for (const [i, text] of TEXTS.entries()) alone.push(await generate(text, lengths[i] ?? 0, false));
      // four for three slots: the last begins when one has ended
      const together = await Promise.all(TEXTS.map((text, i) => generate(text, lengths[i] ?? 0, true)));
      expect(together.map(({ tokens }) => tokens)).toEqual(alone.map(({ tokens }) => tokens));
    });

    it("leaves nothing behind when a sequence ends while its next pass runs", async () => {
      const before = await generate("Name a colour.", 8, false);
      for (let i = 0; i < 6; i++) {
        const prompt = await engine.prompt([{ role: "user", content: `Something else, number ${i}.` }]);
        const sequence = await engine.start({ maxTokens: 64 });
        const { next } = await sequence.decode(prompt.tokens, { sample: true, ahead: true });
        if (i % 3 === 1) void sequence.decode(Int32Array.of(next ?? 0), { sample: true, ahead: true }).catch(() => 0);
        if (i % 3 === 2) await sequence.decode(Int32Array.of(next ?? 0), { sample: true, ahead: true });
        sequence.close();
        expect(await generate("Name a colour.", 8, i % 2 === 0)).toEqual(before);
      }
    });

    it("holds the caller to what was said", async () => {
      const sequence = await engine.start({ maxTokens: 64 });
      const { tokens } = await engine.prompt([{ role: "user", content: "Name a tree." }]);
      const { next } = await sequence.decode(tokens, { sample: true, ahead: true });
      const chosen = Int32Array.of(next ?? 0);
      for (const [given, options] of [
        [Int32Array.of((next ?? 0) + 1), { sample: true }],
        [Int32Array.of(next ?? 0, 5), { sample: true }],
        [chosen, { sample: true, capture: true }],
      ] as const)
        await expect(sequence.decode(given, options)).rejects.toMatchObject({ code: "MODX_ENGINE_ARGUMENT" });
      await expect(sequence.rewind(1)).rejects.toMatchObject({ code: "MODX_ENGINE_ARGUMENT" });
      expect((await sequence.decode(chosen)).next).toBeNull();
      expect(sequence.length).toBe(tokens.length + 1);
      await sequence.decode(Int32Array.of(5, 6));
      sequence.close();
    });

    it("stops at the end of the memory that a sequence reserved", async () => {
      const { tokens } = await engine.prompt([{ role: "user", content: "Tell me a story." }]);
      const sequence = await engine.start({ maxTokens: tokens.length + 1 });
      const { next } = await sequence.decode(tokens, { sample: true, ahead: true });
      await sequence.decode(Int32Array.of(next ?? 0), { sample: true, ahead: true });
      await expect(sequence.decode(Int32Array.of(5))).rejects.toMatchObject({ code: "MODX_ENGINE_TOO_LONG" });
      sequence.close();
    });

    it("lets an engine close while a pass that nobody asked for runs", async () => {
      const other = await open({ contextTokens: 64 });
      const sequence = await other.start({ maxTokens: 32 });
      await sequence.decode(Int32Array.of(1, 2, 3), { sample: true, ahead: true });
      await other.close();
    });
  });
}
