import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "./engine.ts";
import type { EngineOptions } from "./in-process-engine.ts";

/** Log probabilities of given tokens, for every implementation of Engine that has them. */
export function likelihoodConformance(open: (options: Omit<EngineOptions, "model">) => Promise<Engine>): void {
  describe("log probabilities", () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await open({ sequences: 3, contextTokens: 256, batchTokens: 16 });
    });
    afterAll(() => engine.close());

    const tokensOf = async (prompt: string, response: string): Promise<{ all: Int32Array; from: number }> => {
      const { tokens } = await engine.prompt([{ role: "user", content: prompt }]);
      return { all: Int32Array.from([...tokens, ...(await engine.tokenize(response))]), from: tokens.length };
    };
    const score = async (all: Int32Array, from: number): Promise<Float32Array> => {
      const sequence = await engine.start({ maxTokens: all.length });
      const { logProbabilities = new Float32Array() } = await sequence.decode(all, { likelihoodFrom: from });
      sequence.close();
      return logProbabilities;
    };

    it("are those of the distribution that tokens are drawn from", async () => {
      const { tokens } = await engine.prompt([{ role: "user", content: "Name a colour." }]);
      const sequence = await engine.start({
        maxTokens: 128,
        sampling: { temperature: 1, topK: 0, topP: 1, minP: 0, seed: 4 },
      });
      await sequence.decode(tokens.subarray(0, -1));
      const draws = new Map<number, number>();
      const count = 400;
      for (let i = 0; i < count; i++) {
        const { next } = await sequence.decode(tokens.subarray(-1), { sample: true });
        draws.set(next ?? -1, (draws.get(next ?? -1) ?? 0) + 1);
        await sequence.rewind(tokens.length - 1);
      }
      sequence.close();
      const common = [...draws].filter(([, hits]) => hits >= 20);
      expect(common.length).toBeGreaterThan(1);
      for (const [token, hits] of common) {
        const [logProbability = Number.NaN] = await score(Int32Array.from([...tokens, token]), tokens.length);
        const p = Math.exp(logProbability);
        expect(Math.abs(hits / count - p), `token ${token}: ${hits} of ${count}, ${p}`).toBeLessThan(
          4 * Math.sqrt((p * (1 - p)) / count),
        );
      }
    });

    it("are given for every token from the one asked for on, the same in company and over several passes", async () => {
      const { all, from } = await tokensOf(
        "Why do cats purr?",
        "Cats purr when they are content, and sometimes when they are in pain.",
      );
      expect(all.length).toBeGreaterThan(32);
      const alone = await score(all, from);
      expect(alone).toHaveLength(all.length - from);
      for (const value of alone) expect(value).toBeLessThan(0);
      const [together, other] = await Promise.all([score(all, from), score(all, 1)]);
      expect(together).toEqual(alone);
      expect(other?.subarray(from - 1)).toEqual(alone);
      const step = await engine.start({ maxTokens: all.length });
      await step.decode(all.subarray(0, from));
      const { logProbabilities } = await step.decode(all.subarray(from), { likelihoodFrom: 1 });
      step.close();
      for (const [i, value] of (logProbabilities ?? []).entries()) expect(value).toBeCloseTo(alone[i + 1] ?? 0, 1);
    });

    it("tell an answer to the question from an answer to another", async () => {
      const mean = async (prompt: string, response: string): Promise<number> => {
        const { all, from } = await tokensOf(prompt, response);
        const values = await score(all, from);
        return values.reduce((sum, value) => sum + value, 0) / values.length;
      };
      const answer = "The capital of France is Paris.";
      expect(await mean("What is the capital of France?", answer)).toBeGreaterThan(
        (await mean("How do I bake bread?", answer)) + 1,
      );
    });

    it("are refused from where nothing precedes, and beyond the tokens", async () => {
      const sequence = await engine.start({ maxTokens: 16 });
      for (const likelihoodFrom of [0, 4, 1.5, -1, Number.NaN])
        await expect(sequence.decode(Int32Array.of(5, 6, 7), { likelihoodFrom })).rejects.toMatchObject({
          code: "MODX_ENGINE_ARGUMENT",
        });
      expect((await sequence.decode(Int32Array.of(5, 6, 7), { likelihoodFrom: 3 })).logProbabilities).toHaveLength(0);
      expect(await sequence.decode(Int32Array.of(8))).not.toHaveProperty("logProbabilities");
      sequence.close();
    });
  });
}
