import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ablate, type Edit, type Edits } from "./edits/edit.ts";
import type { Decoded, Engine } from "./engine.ts";
import type { EngineOptions } from "./in-process-engine.ts";
import type { Sampling } from "./sampling/sampling.ts";
import { tapName } from "./taps/tap-name.ts";

const [AT, BEHIND] = [tapName(12), tapName(20)];
const WIDTH = 576;

/** What every implementation's edits must do, on a real model of 30 layers and width 576. */
export function editsConformance(open: (options: Omit<EngineOptions, "model">) => Promise<Engine>): void {
  describe("editing the residual stream", () => {
    let engine: Engine;
    let prompt: Int32Array;
    let plain: Decoded;
    const direction = Float32Array.from({ length: WIDTH }, (_, i) => Math.sin(i * i));
    const push = (amount: number, more: Partial<Edit> = {}): Edit => ({
      tap: AT,
      direction,
      change: { kind: "add", amount },
      ...more,
    });
    beforeAll(async () => {
      engine = await open({ taps: [AT, BEHIND], sequences: 3, contextTokens: 256, batchTokens: 16, edits: true });
      ({ tokens: prompt } = await engine.prompt([{ role: "user", content: "Tell me about the sea and its ships." }]));
      plain = await read(null);
    });
    afterAll(() => engine.close());

    async function read(edits: Edits | null, tokens = prompt): Promise<Decoded> {
      const sequence = await engine.start({ maxTokens: tokens.length, ...(edits !== null && { edits }) });
      try {
        return await sequence.decode(tokens, { sample: true, capture: true });
      } finally {
        sequence.close();
      }
    }
    const at = (decoded: Decoded, tap: number): Float32Array => decoded.residuals?.[tap] ?? new Float32Array();
    const token = (all: Float32Array, index: number): Float32Array => all.subarray(index * WIDTH, (index + 1) * WIDTH);
    const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
    const distance = (a: Float32Array, b: Float32Array): number =>
      Math.hypot(...a.map((value, i) => value - (b[i] ?? 0)));

    it("changes what lies behind, not what is read there, and nothing at position 0", async () => {
      const edited = await read({ edits: [push(3)] });
      expect(at(edited, 0)).toEqual(at(plain, 0));
      expect(token(at(edited, 1), 0)).toEqual(token(at(plain, 1), 0));
      for (let i = 1; i < prompt.length; i++)
        expect(distance(token(at(edited, 1), i), token(at(plain, 1), i))).toBeGreaterThan(1);
    });

    it("that changes nothing leaves every bit as it is", async () => {
      const edited = await read({ edits: [push(0), push(5, { gate: { weights: direction, bias: -1e9, above: 0 } })] });
      expect(edited.residuals).toEqual(plain.residuals);
      expect(edited.next).toBe(plain.next);
    });

    it("does what the same at every token does where its gate is open, and nothing elsewhere", async () => {
      const always = { weights: direction, bias: 1e9, above: 0 };
      expect(at(await read({ edits: [push(3, { gate: always })] }), 1)).toEqual(
        at(await read({ edits: [push(3)] }), 1),
      );
      // a gate that opens at some tokens: the first of them is the first that changes
      const values = Array.from({ length: prompt.length }, (_, i) => dot(token(at(plain, 0), i), direction));
      const above = [...values.slice(1)].sort((a, b) => a - b)[Math.floor(prompt.length / 2)] ?? 0;
      const gated = await read({ edits: [push(3, { gate: { weights: direction, bias: 0, above } })] });
      const first = values.findIndex((value, i) => i > 0 && value > above + 1e-3);
      for (let i = 0; i < first; i++) {
        if ((values[i] ?? 0) < above - 1e-3) expect(token(at(gated, 1), i)).toEqual(token(at(plain, 1), i));
      }
      expect(distance(token(at(gated, 1), first), token(at(plain, 1), first))).toBeGreaterThan(1);
    });

    it("begins where it is asked to", async () => {
      const from = 20;
      const edited = await read({ from, edits: [push(3)] });
      expect(at(edited, 1).subarray(0, from * WIDTH)).toEqual(at(plain, 1).subarray(0, from * WIDTH));
      expect(distance(token(at(edited, 1), from), token(at(plain, 1), from))).toBeGreaterThan(1);
    });

    it("clamps a feature by what it lacks, its error kept", async () => {
      const weights = Float32Array.from({ length: WIDTH }, (_, i) => Math.cos(3 * i) / 10);
      const last = prompt.length - 1;
      const value = dot(token(at(plain, 0), last), weights) + 0.5;
      const clamped = await read({
        from: last,
        edits: [{ tap: AT, direction, change: { kind: "clamp", to: 4, feature: { weights, bias: 0.5 } } }],
      });
      const added = await read({ from: last, edits: [push(4 - value)] });
      const moved = distance(token(at(added, 1), last), token(at(plain, 1), last));
      expect(distance(token(at(clamped, 1), last), token(at(added, 1), last))).toBeLessThan(0.02 * moved + 1e-3);
      // ablating takes out what lies along the direction: adding its negative does the same
      const unit = direction.map((one) => one / Math.hypot(...direction));
      const along = dot(token(at(plain, 0), last), unit);
      const gone = await read({ from: last, edits: [ablate(AT, direction)] });
      const taken = await read({
        from: last,
        edits: [{ tap: AT, direction: unit, change: { kind: "add", amount: -along } }],
      });
      const by = distance(token(at(taken, 1), last), token(at(plain, 1), last));
      expect(distance(token(at(gone, 1), last), token(at(taken, 1), last))).toBeLessThan(0.02 * by + 1e-3);
    });

    it("is of one sequence: those that share its passes are as they would be alone", async () => {
      const generate = async (edits: Edits | null): Promise<{ tokens: number[]; behind: Float32Array[] }> => {
        const sequence = await engine.start({ maxTokens: prompt.length + 8, ...(edits !== null && { edits }) });
        let { next } = await sequence.decode(prompt, { sample: true });
        const [tokens, behind]: [number[], Float32Array[]] = [[], []];
        for (let i = 0; i < 8 && next !== null; i++) {
          tokens.push(next);
          const decoded = await sequence.decode(Int32Array.of(next), { sample: true, capture: true });
          behind.push(at(decoded, 1));
          ({ next } = decoded);
        }
        sequence.close();
        return { tokens, behind };
      };
      const alone = await generate(null);
      const [one, edited, other] = await Promise.all([generate(null), generate({ edits: [push(6)] }), generate(null)]);
      expect(one).toEqual(alone);
      expect(other).toEqual(alone);
      expect(edited?.behind[0]).not.toEqual(alone.behind[0]);
      // and leaves nothing behind for who takes its place
      expect(await generate(null)).toEqual(alone);
    });

    it("can begin and end within a sequence, and reaches the last block", async () => {
      const sequence = await engine.start({ maxTokens: prompt.length + 3 });
      await sequence.decode(prompt);
      await sequence.edit({ edits: [push(40, { tap: tapName(29) })] });
      const edited = await sequence.decode(Int32Array.of(260), { sample: true, capture: true });
      expect(await sequence.rewind(prompt.length)).toBe(true);
      await sequence.edit(null);
      const again = await sequence.decode(Int32Array.of(260), { sample: true, capture: true });
      expect(edited.residuals).toEqual(again.residuals);
      expect(edited.next).not.toBe(again.next);
      sequence.close();
      // a prompt's too, of which one token is an output
      const reader = await engine.start({
        maxTokens: prompt.length,
        edits: { edits: [push(4000, { tap: tapName(29) })] },
      });
      expect((await reader.decode(prompt, { sample: true })).next).not.toBe(plain.next);
      reader.close();
    });

    it("gives its place back when it is given up while its edits are set", async () => {
      const reader = await engine.start({ maxTokens: 250 });
      const long = Int32Array.from({ length: 250 }, (_, i) => prompt[i % prompt.length] ?? 0);
      for (let i = 0; i < 4; i++) {
        const reading = reader.decode(long.subarray(0, 60));
        const leave = new AbortController();
        const started = engine.start({ maxTokens: 8, edits: { edits: [push(1)] }, signal: leave.signal });
        const outcome = started.then(
          (sequence) => sequence.close(),
          (error: Error) => error.message,
        );
        await new Promise((resolve) => setTimeout(resolve, 5 * i));
        leave.abort(new Error("gone"));
        // it may have begun before
        expect([undefined, "gone"]).toContain(await outcome);
        await reading;
      }
      reader.close();
      const all = [1, 2, 3].map(() => engine.start({ maxTokens: 8, signal: AbortSignal.timeout(5000) }));
      for (const sequence of await Promise.all(all)) sequence.close();
    });

    it.each<[string, Edit]>([
      ["another width", push(1, { direction: new Float32Array(3) })],
      ["a value that is not finite", push(Number.NaN)],
      ["an amount beyond single precision", push(1e39)],
      ["a gate's bias beyond single precision", push(1, { gate: { weights: direction, bias: -1e39, above: 0 } })],
      [
        "a gate that opens above what is no number",
        push(1, { gate: { weights: direction, bias: 0, above: Number.NaN } }),
      ],
      ["a gate of another width", push(1, { gate: { weights: new Float32Array(3), bias: 0, above: 0 } })],
    ])("refuses %s", async (_, edit) => {
      await expect(read({ edits: [edit] })).rejects.toMatchObject({ code: "MODX_ENGINE_ARGUMENT" });
      await expect(read({ edits: [push(1, { tap: tapName(40) })] })).rejects.toMatchObject({ code: "MODX_USAGE_TAP" });
    });
  });

  describe("an engine that was opened without edits", () => {
    it("says so, and refuses them", async () => {
      const engine = await open({ contextTokens: 64 });
      try {
        expect(engine.properties).toMatchObject({ edits: false, rewinds: true });
        await expect(
          engine.start({ maxTokens: 8, edits: { edits: [ablate(AT, new Float32Array(WIDTH).fill(1))] } }),
        ).rejects.toMatchObject({
          code: "MODX_ENGINE_ARGUMENT",
        });
        // the place is free again
        (await engine.start({ maxTokens: 8 })).close();
      } finally {
        await engine.close();
      }
    });
  });

  describe("a mark", () => {
    it.each<[string, Sampling]>([
      ["draws", { temperature: 1.3, seed: 11, presencePenalty: 1 }],
      // said again and again, until it has been said too often: each time counts
      ["counts", { logitBias: [[28, 60]], frequencyPenalty: 10 }],
    ])(
      "brings back memory and a sampler that %s: what followed follows again, as often as one goes back",
      async (_, sampling) => {
        const engine = await open({ contextTokens: 256 });
        try {
          const { tokens } = await engine.prompt([{ role: "user", content: "Tell me a story." }]);
          const sequence = await engine.start({
            maxTokens: tokens.length + 20,
            sampling,
          });
          let { next } = await sequence.decode(tokens, { sample: true });
          const go = async (count: number): Promise<number[]> => {
            const found: number[] = [];
            for (let i = 0; i < count && next !== null; i++) {
              found.push(next);
              ({ next } = await sequence.decode(Int32Array.of(next), { sample: true }));
            }
            return found;
          };
          await go(3);
          const [mark, from] = [await sequence.mark(), next];
          const first = await go(8);
          for (let i = 0; i < 2; i++) {
            expect(await sequence.rewind(mark)).toBe(true);
            expect(sequence.length).toBe(mark.length);
            next = from;
            expect(await go(8)).toEqual(first);
          }
          sequence.close();
          const other = await engine.start({ maxTokens: 8 });
          await other.decode(Int32Array.of(1, 2, 3));
          await expect(other.rewind({ ...mark, length: 1 })).rejects.toMatchObject({ code: "MODX_ENGINE_ARGUMENT" });
          other.close();
        } finally {
          await engine.close();
        }
      },
    );

    it("is refused where a pass may run ahead, and forgotten with its place, or when eight have followed", async () => {
      const engine = await open({ contextTokens: 64 });
      try {
        const refused = { code: "MODX_ENGINE_ARGUMENT" };
        const sequence = await engine.start({ maxTokens: 48 });
        const { next } = await sequence.decode(Int32Array.of(1, 2, 3), { sample: true, ahead: true });
        await expect(sequence.mark()).rejects.toMatchObject(refused);
        await sequence.decode(Int32Array.of(next ?? 0), { sample: true });
        const marks = [];
        for (let i = 0; i < 9; i++) {
          marks.push(await sequence.mark());
          await sequence.decode(Int32Array.of(5));
        }
        const [first, second, third] = marks;
        if (first === undefined || second === undefined || third === undefined) throw new Error("no marks");
        await expect(sequence.rewind(first)).rejects.toMatchObject(refused);
        expect(await sequence.rewind(second)).toBe(true);
        await sequence.decode(Int32Array.of(6, 6, 6));
        await expect(sequence.rewind(third)).rejects.toMatchObject(refused);
        expect(await sequence.rewind(second)).toBe(true);
        sequence.close();
      } finally {
        await engine.close();
      }
    });
  });
}
