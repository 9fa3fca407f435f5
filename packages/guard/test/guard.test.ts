import { type Engine, openEngine } from "@modx/engine";
import type { Pack } from "@modx/pack";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import {
  type Action,
  checkPolicy,
  type GuardEvent,
  generate,
  judge,
  type Outcome,
  openGuard,
  type TokenEvent,
} from "../src/index.ts";
import { examplePack, FILES, ON_RESPONSE, ON_USER, TAP } from "./example-pack.ts";

const MESSAGES = [{ role: "user", content: "Name three rivers and say where they are." }];
const NEVER = 1e9;
const ALWAYS = -1e9;

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({
    model: inject("modelFile"),
    taps: [TAP, "blocks.20.hook_resid_post"],
    sequences: 2,
    contextTokens: 512,
  });
});
afterAll(() => engine.close());

async function guardWith(
  response: number,
  { user = NEVER, action = "halt" as Action, hold = 1 as number | "all" } = {},
) {
  const pack = await examplePack(engine, [
    { name: "response", level: "alarm", threshold: response, terms: ON_RESPONSE },
    { name: "prompt", level: "alarm", threshold: user, terms: ON_USER },
    { name: "belief", level: "intent", threshold: ALWAYS, terms: ON_USER },
  ]);
  return openGuard({ engine, packs: [pack], files: FILES, policy: checkPolicy(action, hold) });
}

async function collect(
  events: AsyncGenerator<GuardEvent>,
): Promise<{ tokens: TokenEvent[]; outcome: Outcome; text: string }> {
  const all: GuardEvent[] = [];
  for await (const event of events) all.push(event);
  const outcome = all.at(-1);
  if (outcome?.type !== "outcome") throw new Error("the last event is the outcome");
  const tokens = all.filter((event) => event.type === "token");
  return {
    tokens,
    outcome,
    text:
      tokens
        .filter((token) => token.released)
        .map((token) => token.text)
        .join("") + outcome.tail,
  };
}

const generated = async (guard: Awaited<ReturnType<typeof guardWith>>, maxTokens = 24) =>
  collect(generate(guard, { messages: MESSAGES, maxTokens }));

/** The first response token after the third whose score is the highest so far: a place where an alarm can be put. */
function laterPeak(scores: number[]): { at: number; threshold: number } {
  const at = scores.findIndex((score, index) => index >= 3 && score > Math.max(...scores.slice(0, index)));
  if (at < 0) throw new Error("this response has no later peak; choose another prompt");
  return { at, threshold: Math.max(...scores.slice(0, at)) };
}

describe("generate", () => {
  it("lets everything out when nothing alarms, and logs intent without alarming on it", async () => {
    const { tokens, outcome, text } = await generated(await guardWith(NEVER));
    expect(outcome).toMatchObject({ finish: "length", alarm: null, generated: 24, released: 24 });
    expect(outcome.intent?.detector).toBe("belief");
    expect(tokens.map((token) => token.index)).toEqual(Array.from({ length: 24 }, (_, index) => index));
    expect(text.length).toBeGreaterThan(20);
  });

  it("judges every token before it leaves, and halts at the first alarm: that token stays", async () => {
    const free = await generated(await guardWith(NEVER));
    const scores = free.tokens.map((token) => token.verdicts[0]?.score ?? Number.NaN);
    const { at, threshold } = laterPeak(scores);
    const halted = await generated(await guardWith(threshold));
    expect(halted.outcome).toMatchObject({ finish: "halted", released: at, generated: at + 1, tail: "" });
    expect(halted.outcome.alarm).toMatchObject({ detector: "response", token: at, level: "alarm" });
    expect(halted.outcome.alarm?.why).toEqual([{ name: "token", value: scores[at], contribution: scores[at] }]);
    expect(halted.tokens.filter((token) => token.released).map((token) => token.token)).toEqual(
      free.tokens.slice(0, at).map((token) => token.token),
    );
    expect(halted.tokens.at(-1)).toMatchObject({ index: at, released: false });
  });

  it("withholds more with a longer hold, and everything with all", async () => {
    const scores = (await generated(await guardWith(NEVER))).tokens.map(
      (token) => token.verdicts[0]?.score ?? Number.NaN,
    );
    const { at, threshold } = laterPeak(scores);
    expect((await generated(await guardWith(threshold, { hold: 3 }))).outcome).toMatchObject({
      released: at - 2,
      generated: at + 1,
    });
    expect((await generated(await guardWith(threshold, { hold: "all" }))).outcome.released).toBe(0);
    expect((await generated(await guardWith(NEVER, { hold: "all" }))).outcome.released).toBe(24);
  });

  it("alarms in the prompt before any token", async () => {
    const { tokens, outcome } = await generated(await guardWith(NEVER, { user: ALWAYS }));
    expect(outcome).toMatchObject({
      finish: "halted",
      generated: 0,
      released: 0,
      alarm: { token: -1, detector: "prompt" },
    });
    expect(tokens).toEqual([]);
  });

  it.each(["log", "alert"] as const)("with the policy %s lets alarmed tokens out and goes on", async (action) => {
    const { outcome, tokens } = await generated(await guardWith(ALWAYS, { action }));
    expect(outcome).toMatchObject({ finish: "length", released: 24, alarm: { token: 0 } });
    expect(tokens.every((token) => token.released && token.verdicts[0]?.level === "alarm")).toBe(true);
  });

  it("says where the promise ends: past the calibrated length, with a system message, over several turns", async () => {
    const guard = await guardWith(NEVER);
    const { tokens } = await generated(guard);
    expect(tokens[15]?.verdicts[0]?.calibration).toEqual({ holds: true, reasons: [] });
    expect(tokens[16]?.verdicts[0]?.calibration.reasons).toEqual(["calibrated for responses of 16 tokens at most"]);
    const system = await collect(
      generate(guard, { messages: [{ role: "system", content: "Be brief." }, ...MESSAGES], maxTokens: 2 }),
    );
    expect(system.tokens[0]?.verdicts[0]?.calibration.reasons).toEqual(["another system message"]);
    const turns = await collect(
      generate(guard, { messages: [...MESSAGES, { role: "assistant", content: "No." }, ...MESSAGES], maxTokens: 2 }),
    );
    expect(turns.tokens[0]?.verdicts[0]?.calibration.reasons).toEqual(["a conversation of several turns"]);
  });

  it("ends at a stop string, which does not leave", async () => {
    const guard = await guardWith(NEVER);
    const { text } = await generated(guard);
    const stop = text.slice(10, 14);
    const cut = await collect(generate(guard, { messages: MESSAGES, maxTokens: 24, stop: [stop] }));
    expect(cut.outcome.finish).toBe("stop");
    expect(cut.text).toBe(text.slice(0, text.indexOf(stop)));
  });

  it("stops when its signal aborts or its consumer leaves, and gives the slot back", async () => {
    const guard = await guardWith(NEVER);
    for (let i = 0; i < 4; i++) {
      const abort = new AbortController();
      const running = generate(guard, { messages: MESSAGES, maxTokens: 24, signal: abort.signal });
      await running.next();
      await running.next();
      abort.abort(new Error("gone"));
      await expect(running.next()).rejects.toThrow("gone");
      for await (const _ of generate(guard, { messages: MESSAGES, maxTokens: 24 })) break;
    }
    expect((await generated(guard, 2)).outcome.released).toBe(2);
  });

  it("answers several at a time as it answers one", async () => {
    const guard = await guardWith(NEVER);
    const alone = await generated(guard, 12);
    const [a, b] = await Promise.all([generated(guard, 12), generated(guard, 12)]);
    expect([a?.text, b?.text]).toEqual([alone.text, alone.text]);
  });
});

describe("judge", () => {
  it("says of a given response what it said while generating it", async () => {
    const guard = await guardWith(NEVER, { action: "log" });
    const free = await generated(guard);
    const response = Int32Array.from(free.tokens, (token) => token.token);
    const judged = await collect(judge(guard, { messages: MESSAGES, response }));
    judged.tokens.forEach((token, index) => {
      const expected = free.tokens[index]?.verdicts[0]?.score ?? Number.NaN;
      expect(Math.abs((token.verdicts[0]?.score ?? Number.NaN) - expected)).toBeLessThan(
        0.05 * Math.max(1, Math.abs(expected)),
      );
    });
    expect(judged.outcome.generated).toBe(response.length);
  });

  it("judges an empty response by its prompt alone", async () => {
    const { outcome } = await collect(
      judge(await guardWith(NEVER, { user: ALWAYS, action: "log" }), { messages: MESSAGES, response: "" }),
    );
    expect(outcome).toMatchObject({ generated: 0, alarm: { token: -1 } });
  });
});

describe("opening", () => {
  const policy = checkPolicy("halt");
  const change = (pack: Pack, identity: object): Pack => ({
    ...pack,
    manifest: { ...pack.manifest, identities: pack.manifest.identities.map((one) => ({ ...one, ...identity })) },
  });

  it("refuses a pack for another model, with the reason", async () => {
    const pack = change(await examplePack(engine, [{ name: "d", level: "alarm", threshold: 0, terms: ON_RESPONSE }]), {
      width: 4096,
    });
    await expect(openGuard({ engine, packs: [pack], files: FILES, policy })).rejects.toMatchObject({
      code: "MODX_PACK_INCOMPATIBLE",
      message: expect.stringContaining("576 instead of 4096"),
    });
  });

  it("halts on an uncalibrated pack only with the owner's consent, and then says so in every verdict", async () => {
    const pack = change(
      await examplePack(engine, [{ name: "d", level: "alarm", threshold: NEVER, terms: ON_RESPONSE }]),
      { adapters: [{ sha256: "c".repeat(64), scale: 1 }] },
    );
    await expect(openGuard({ engine, packs: [pack], files: FILES, policy })).rejects.toMatchObject({
      code: "MODX_PACK_UNCALIBRATED",
    });
    const guard = await openGuard({ engine, packs: [pack], files: FILES, policy, allowUncalibrated: true });
    const { tokens } = await collect(generate(guard, { messages: MESSAGES, maxTokens: 2 }));
    expect(tokens.every((token) => !token.verdicts[0]?.calibration.holds)).toBe(true);
  });

  it("refuses a pack whose rows do not read what they were made to", async () => {
    const pack = await examplePack(engine, [{ name: "d", level: "alarm", threshold: 0, terms: ON_RESPONSE }]);
    const moved: Pack = {
      ...pack,
      readouts: pack.readouts.map((readout) => ({ ...readout, tap: "blocks.20.hook_resid_post" })),
    };
    await expect(openGuard({ engine, packs: [moved], files: FILES, policy })).rejects.toMatchObject({
      code: "MODX_PACK_GOLDEN",
    });
  });

  it("watches with several packs, each by its own rows", async () => {
    const pack = await examplePack(engine, [{ name: "d", level: "alarm", threshold: NEVER, terms: ON_RESPONSE }]);
    const guard = await openGuard({ engine, packs: [pack, pack], files: FILES, policy });
    const { tokens } = await collect(generate(guard, { messages: MESSAGES, maxTokens: 3 }));
    expect(tokens[1]?.verdicts).toHaveLength(2);
    expect(tokens[1]?.verdicts[0]?.score).toBe(tokens[1]?.verdicts[1]?.score);
  });

  it("says so when another guard has bound its own rows in the engine since", async () => {
    const pack = await examplePack(engine, [{ name: "d", level: "alarm", threshold: NEVER, terms: ON_RESPONSE }]);
    const first = await openGuard({ engine, packs: [pack], files: FILES, policy });
    await openGuard({ engine, packs: [pack], files: FILES, policy });
    await expect(collect(generate(first, { messages: MESSAGES, maxTokens: 3 }))).rejects.toMatchObject({
      code: "MODX_INTERNAL",
    });
  });
});
