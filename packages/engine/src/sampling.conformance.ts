import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Decoded, Engine } from "./engine.ts";
import type { EngineOptions } from "./in-process-engine.ts";
import type { Sampling } from "./sampling/sampling.ts";

const TOKENS = 24;

/** What every implementation's samplers must do, on a real model. */
export function samplingConformance(open: (options: Omit<EngineOptions, "model">) => Promise<Engine>): void {
  describe("choosing tokens", () => {
    let engine: Engine;
    let prompt: Int32Array;
    beforeAll(async () => {
      engine = await open({ sequences: 3, contextTokens: 512 });
      ({ tokens: prompt } = await engine.prompt([{ role: "user", content: "Tell me about the sea." }]));
    });
    afterAll(() => engine.close());

    async function steps(sampling: Sampling, ahead = false): Promise<(Decoded & { next: number })[]> {
      const sequence = await engine.start({ maxTokens: prompt.length + TOKENS, sampling });
      const found: (Decoded & { next: number })[] = [];
      try {
        let decoded = await sequence.decode(prompt, { sample: true, ahead });
        while (decoded.next !== null) {
          const { next } = decoded;
          found.push({ ...decoded, next });
          if (engine.isEnd(next) || found.length === TOKENS) break;
          decoded = await sequence.decode(Int32Array.of(next), { sample: true, ahead });
        }
      } finally {
        sequence.close();
      }
      return found;
    }
    const tokensOf = async (sampling: Sampling): Promise<number[]> => (await steps(sampling)).map(({ next }) => next);
    const textOf = (tokens: readonly number[]): string => {
      const decoder = engine.text();
      return tokens.map((token) => (engine.isEnd(token) ? "" : decoder.push(token))).join("") + decoder.flush();
    };

    it.each<[string, Sampling]>([
      ["temperature", {}],
      ["top-k", { topK: 20 }],
      ["top-p", { topP: 0.9 }],
      ["min-p", { minP: 0.05 }],
      ["typical", { typicalP: 0.9 }],
      ["XTC", { xtcProbability: 0.5, xtcThreshold: 0.1 }],
      ["mirostat", { mirostat: 1 }],
      ["mirostat 2", { mirostat: 2 }],
    ])("by %s gives the same for a seed, and something else for another", async (_, cuts) => {
      const drawn = (seed: number) => tokensOf({ temperature: 1.2, seed, ...cuts });
      const [first, again, other] = [await drawn(1), await drawn(1), await drawn(2)];
      expect(again).toEqual(first);
      expect(other).not.toEqual(first);
    });

    it("takes the likeliest where only one is left, whatever the temperature", async () => {
      const greedy = await tokensOf({});
      expect(await tokensOf({ temperature: 2, topK: 1, seed: 9 })).toEqual(greedy);
      expect(await tokensOf({ temperature: 2, topP: 1e-6, seed: 9 })).toEqual(greedy);
    });

    it("heeds a bias: one token is forbidden, another forced", async () => {
      const [first = 0] = await tokensOf({});
      const without = await tokensOf({ logitBias: [[first, Number.NEGATIVE_INFINITY]] });
      expect(without).not.toContain(first);
      const forced = await tokensOf({ logitBias: [[first, 100]] });
      expect(new Set(forced)).toEqual(new Set([first]));
    });

    it("keeps to a grammar, and ends where the grammar does", async () => {
      const tokens = await tokensOf({ grammar: 'root ::= ("yes" | "no") ", " [0-9] [0-9]' });
      expect(textOf(tokens)).toMatch(/^(yes|no), \d\d$/);
      expect(engine.isEnd(tokens.at(-1) ?? 0)).toBe(true);
      const drawn = await tokensOf({ grammar: 'root ::= "a"+ "."', temperature: 1, seed: 3 });
      expect(textOf(drawn)).toMatch(/^a+\.?$/);
    });

    it.each(["root ::= (", 'start ::= "a"', "no grammar at all"])("refuses the grammar %s", async (grammar) => {
      await expect(engine.start({ maxTokens: 8, sampling: { grammar } })).rejects.toMatchObject({
        code: "MODX_USAGE_SAMPLING",
      });
    });

    it.each<[string, number, () => Promise<Sampling>]>([
      ["that allows no token", 0, async () => ({ grammar: String.raw`root ::= "\x00"` })],
      ["whose tokens are forbidden", 0, forbidden],
      ["that allows no token", 1, async () => ({ grammar: String.raw`root ::= "\x00"` })],
      ["whose tokens are forbidden", 1, forbidden],
    ])(
      "ends a sequence with a code for a grammar %s, at temperature %d, and no other",
      async (_, temperature, more) => {
        const greedy = await tokensOf({});
        const sequence = await engine.start({ maxTokens: prompt.length, sampling: { ...(await more()), temperature } });
        const other = tokensOf({});
        // nor does it come to itself again
        for (let i = 0; i < 3; i++)
          await expect(sequence.decode(prompt, { sample: true })).rejects.toMatchObject({
            code: "MODX_ENGINE_SAMPLING",
          });
        sequence.close();
        expect(await other).toEqual(greedy);
      },
    );
    async function forbidden(): Promise<Sampling> {
      const tokens = await engine.tokenize("a");
      return { grammar: 'root ::= "a"', logitBias: Array.from(tokens, (token) => [token, Number.NEGATIVE_INFINITY]) };
    }

    it("repeats nothing under a heavy penalty, not what stands in the prompt either", async () => {
      const tokens = await tokensOf({ presencePenalty: 100, repeatLastN: 512 });
      expect(new Set(tokens).size).toBe(tokens.length);
      expect(tokens.filter((token) => prompt.includes(token) && !engine.isEnd(token))).toEqual([]);
    });

    it("leaves a loop under DRY", async () => {
      const [loop = 0] = await tokensOf({});
      const logitBias = [[loop, 60]] as const;
      const dry = { dryMultiplier: 4, dryBase: 2, dryAllowedLength: 2, drySequenceBreakers: [] };
      expect(new Set(await tokensOf({ logitBias }))).toEqual(new Set([loop]));
      expect(new Set(await tokensOf({ logitBias, ...dry })).size).toBeGreaterThan(1);
    });

    it("tells how likely the choice was, as teacher forcing finds it, and what else was", async () => {
      const found = await steps({ alternatives: 5 });
      const chosen = Int32Array.from(found.map(({ next }) => next));
      const sequence = await engine.start({ maxTokens: prompt.length + chosen.length });
      const { logProbabilities = [] } = await sequence.decode(Int32Array.from([...prompt, ...chosen]), {
        likelihoodFrom: prompt.length,
      });
      sequence.close();
      for (const [i, { next, choice }] of found.entries()) {
        expect(choice?.logProbability).toBeCloseTo(logProbabilities[i] ?? 0, 1);
        expect(choice?.alternatives).toHaveLength(5);
        expect(choice?.alternatives[0]?.token).toBe(next);
        const likely = choice?.alternatives.map(({ logProbability }) => logProbability) ?? [];
        expect([...likely].sort((a, b) => b - a)).toEqual(likely);
        expect(likely.reduce((sum, value) => sum + Math.exp(value), 0)).toBeLessThanOrEqual(1 + 1e-4);
      }
      expect((await steps({})).every(({ choice }) => choice === undefined)).toBe(true);
    });

    it("tells the same of passes that begin before they are asked for", async () => {
      const sampling = { alternatives: 2, temperature: 1, seed: 5 };
      const [one, other] = [await steps(sampling), await steps(sampling, true)];
      expect(other.map(({ next, choice }) => [next, choice])).toEqual(one.map(({ next, choice }) => [next, choice]));
    });

    it("keeps sequences that share a pass apart", async () => {
      const greedy = await tokensOf({});
      const [one, drawn, told] = await Promise.all([
        steps({}),
        steps({ temperature: 1.5, seed: 4, alternatives: 3 }),
        steps({ alternatives: 1 }),
      ]);
      expect(one?.map(({ next }) => next)).toEqual(greedy);
      expect(told?.map(({ next }) => next)).toEqual(greedy);
      expect(told?.every(({ next, choice }) => choice?.alternatives[0]?.token === next)).toBe(true);
      expect(drawn?.every(({ choice }) => choice?.alternatives.length === 3)).toBe(true);
    });

    it.each<[string, Sampling]>([
      ["temperature", { temperature: -1 }],
      ["topP", { topP: 0 }],
      ["minP", { minP: 1 }],
      ["topK", { topK: 1.5 }],
      ["repeatPenalty", { repeatPenalty: 0 }],
      ["mirostat", { mirostat: 3 }],
      ["logitBias", { logitBias: [[1e9, 1]] }],
      ["logitBias", { logitBias: [[1, Number.NaN]] }],
      ["logitBias", { logitBias: [[1, 1e39]] }],
      ["grammar", { grammar: `root ::= ${'"a"? '.repeat(2000)}` }],
      ["drySequenceBreakers", { drySequenceBreakers: Array.from({ length: 17 }, (_, i) => `${i}`) }],
      ["drySequenceBreakers", { drySequenceBreakers: ["é".repeat(21)] }],
      ["seed", { seed: 2 ** 32 }],
      ["alternatives", { alternatives: 1000 }],
    ])("refuses a %s that no sampler takes", async (name, sampling) => {
      const refused = engine.start({ maxTokens: 8, sampling });
      await expect(refused).rejects.toMatchObject({ code: "MODX_USAGE_SAMPLING", what: expect.stringContaining(name) });
    });
  });
}
