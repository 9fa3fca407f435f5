import { type Engine, openEngine } from "@modx/engine";
import type { Pack } from "@modx/pack";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type BaseLane, checkPolicy, type Guard, generate, judge, openGuard, runningIdentity } from "../src/index.ts";
import { examplePack, FILES, ON_RESPONSE, TAP } from "./example-pack.ts";

const MESSAGES = [{ role: "user", content: "Name three trees." }] as const;

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({
    model: inject("modelFile"),
    taps: [TAP],
    lanes: { base: { taps: [TAP] }, another: { taps: [TAP] } },
  });
});
afterAll(() => engine.close());

/** A base that counts how often it is asked. */
function counting(): BaseLane & { asked: number } {
  const lane = engine.lane("base");
  const base = {
    asked: 0,
    files: FILES,
    engine: new Proxy(lane, {
      get(target, name) {
        if (name === "start") base.asked += 1;
        const value = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    }),
  };
  return base;
}

/** Its score is the token's reading, and between -40 and 20 that the base adds at the prompt's last token. */
async function pack(threshold: number): Promise<Pack> {
  const opinion = {
    name: "opinion",
    row: "o",
    over: "base-last-prompt",
    aggregate: { kind: "mean" },
    within: [-40, 20] as [number, number],
    weight: 1,
  } as const;
  const example = await examplePack(engine, [
    { name: "example", level: "alarm", threshold, terms: [...ON_RESPONSE, opinion] },
  ]);
  const weights = new Float32Array(engine.model.width);
  weights[7] = 1;
  return {
    ...example,
    baseReadouts: [{ tap: TAP, rows: [{ name: "o", weights, bias: 0 }] }],
    manifest: {
      ...example.manifest,
      base: {
        identity: runningIdentity(engine.lane("base"), FILES),
        readouts: [{ tap: TAP, rows: ["o"] }],
      },
    },
  };
}

async function open(threshold: number, more: { base?: BaseLane | null; exact?: boolean }): Promise<Guard> {
  return openGuard({ engine, packs: [await pack(threshold)], files: FILES, policy: checkPolicy("log"), ...more });
}

async function scoresOf(guard: Guard): Promise<(number | null)[]> {
  const scores: (number | null)[] = [];
  for await (const event of generate(guard, { messages: MESSAGES, maxTokens: 8 }))
    if (event.type === "token") scores.push(event.verdicts[0]?.score ?? null);
  return scores;
}

describe("a pack that asks the base", () => {
  it("leaves it alone where no alarm depends on it, and then counts the least that it could say", async () => {
    const [quiet, always] = [counting(), counting()];
    const least = await scoresOf(await open(1e6, { base: quiet }));
    const exact = await scoresOf(await open(1e6, { base: always, exact: true }));
    expect([quiet.asked, always.asked]).toEqual([0, 1]);
    const said = exact.map((score, i) => (score ?? 0) - (least[i] ?? 0));
    // the same at every token: what the base said beyond the least
    for (const one of said) expect(one).toBeCloseTo(said[0] ?? 0, 4);
    expect(said[0]).toBeGreaterThan(0);
  });

  it("asks once where it could alarm, and alarms as if it had always asked", async () => {
    const exact = await scoresOf(await open(1e6, { base: counting(), exact: true }));
    const highest = Math.max(...exact.map((score) => score ?? 0));
    for (const threshold of [highest - 1, highest + 1]) {
      const base = counting();
      const found = await scoresOf(await open(threshold, { base }));
      expect(base.asked).toBe(1);
      expect(found.some((score) => (score ?? 0) > threshold)).toBe(highest > threshold);
      expect(found.at(-1)).toBeCloseTo(exact.at(-1) ?? 0, 4);
    }
  });

  it("reads the same of a given response", async () => {
    const guard = await open(1e6, { base: counting(), exact: true });
    const tokens: number[] = [];
    const written: (number | null)[] = [];
    for await (const event of generate(guard, { messages: MESSAGES, maxTokens: 6 }))
      if (event.type === "token") {
        tokens.push(event.token);
        written.push(event.verdicts[0]?.score ?? null);
      }
    const given: (number | null)[] = [];
    for await (const event of judge(guard, { messages: MESSAGES, response: Int32Array.from(tokens) }))
      if (event.type === "token") given.push(event.verdicts[0]?.score ?? null);
    given.forEach((score, i) => {
      expect(score).toBeCloseTo(written[i] ?? 0, 1);
    });
  });

  it("shares what is bound with guards of the same packs, and says so when others bind something else", async () => {
    const first = await open(1e6, { exact: true, base: counting() });
    const scores = await scoresOf(first);
    await openGuard({ ...first, engine: engine.lane("another"), files: FILES, policy: checkPolicy("log") });
    expect(await scoresOf(first)).toEqual(scores);
    await openGuard({
      ...first,
      packs: [await pack(1e6)],
      engine: engine.lane("another"),
      files: FILES,
      policy: checkPolicy("log"),
    });
    await expect(scoresOf(first)).rejects.toMatchObject({ code: "MODX_INTERNAL" });
  });

  it("is refused where no base is known", async () => {
    await expect(open(1, {})).rejects.toMatchObject({ code: "MODX_PACK_BASE" });
    await expect(open(1, { base: null })).rejects.toMatchObject({ code: "MODX_PACK_BASE" });
  });

  it("says that its calibration does not hold with another base", async () => {
    const other = { engine: engine.lane("base"), files: { ...FILES, modelSha256: "c".repeat(64) } };
    const { fits } = await open(1, { base: other });
    expect(fits[0]).toMatchObject({ level: "uncalibrated", reasons: ["base: another model file"] });
  });
});
