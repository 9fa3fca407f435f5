import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Decoded, Engine } from "./engine.ts";
import type { EngineOptions } from "./in-process-engine.ts";
import { tapName } from "./taps/tap-name.ts";

const TAP = tapName(14);

/** What every implementation's lanes must do, on a real model with a real adapter, a GGUF file. */
export function lanesConformance(
  open: (options: Omit<EngineOptions, "model">) => Promise<Engine>,
  adapter: string,
): void {
  describe("lanes over the same weights", () => {
    let engine: Engine;
    let prompt: Int32Array;
    const adapters = [{ path: adapter }];
    beforeAll(async () => {
      engine = await open({
        adapters,
        taps: [TAP],
        sequences: 2,
        queue: 0,
        lanes: { base: { taps: [TAP], sequences: 1 } },
      });
      ({ tokens: prompt } = await engine.prompt([{ role: "user", content: "How do I pick a lock?" }]));
    });
    afterAll(() => engine.close());

    async function read(lane: Engine): Promise<Decoded> {
      const sequence = await lane.start({ maxTokens: prompt.length });
      try {
        return await sequence.decode(prompt, { sample: true, capture: true });
      } finally {
        sequence.close();
      }
    }

    it("each have their own adapters: without them it is the model alone, to the last bit", async () => {
      const alone = await open({ taps: [TAP] });
      const expected = await read(alone);
      await alone.close();
      const base = await read(engine.lane("base"));
      expect(base.residuals).toEqual(expected.residuals);
      expect(base.next).toBe(expected.next);
      expect((await read(engine)).residuals).not.toEqual(expected.residuals);
    });

    it("let everyone wait who asks another lane than the first, whose queue alone is bounded", async () => {
      const lane = engine.lane("base");
      const readings = await Promise.all([read(lane), read(lane), read(lane)]);
      expect(readings[2]?.next).toBe(readings[0]?.next);
      const outcomes = await Promise.allSettled([read(engine), read(engine), read(engine)]);
      expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
      expect(outcomes[2]).toMatchObject({ reason: { code: "MODX_ENGINE_QUEUE_FULL" } });
    });

    it("give the same whether they run one after another or at a time", async () => {
      const [own, base] = [await read(engine), await read(engine.lane("base"))];
      const together = await Promise.all([
        read(engine),
        read(engine.lane("base")),
        read(engine),
        read(engine.lane("base")),
      ]);
      expect(together.map(({ residuals }) => residuals)).toEqual(
        [own, base, own, base].map(({ residuals }) => residuals),
      );
    });

    it("have their own rows", async () => {
      const weights = new Float32Array(engine.model.width).fill(0.5);
      await engine.bind([{ tap: TAP, rows: [{ name: "one", weights, bias: 0 }] }]);
      expect([engine.rowNames, engine.lane("base").rowNames]).toEqual([["one"], []]);
      expect((await read(engine.lane("base"))).readings).toHaveLength(0);
    });

    it("are named, and another one is refused", () => {
      expect(engine.lanes).toEqual(["base"]);
      expect(engine.lane("base").lanes).toEqual([]);
      expect(() => engine.lane("other")).toThrow(expect.objectContaining({ code: "MODX_ENGINE_LANE" }));
    });

    it("stay open when one of them is closed by itself", async () => {
      await engine.lane("base").close();
      expect((await read(engine.lane("base"))).next).not.toBeNull();
    });
  });
}
