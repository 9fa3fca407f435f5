import { availableParallelism } from "node:os";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { loadAddon } from "../src/native/load-addon.ts";
import type { Addon, NativeContext, NativeContextOptions, NativeModel, NativeSampler } from "../src/native/surface.ts";
import { checkSampling } from "../src/sampling/sampling.ts";
import { cosine } from "./cosine.ts";

const WIDTH = 576;
const LAYERS = 30;
const SENTENCES = [
  "The lighthouse keeper wrote down the weather every evening.",
  "Prime numbers have exactly two divisors.",
  "She packed bread, cheese and a map.",
];

let addon: Addon;
let model: NativeModel;
let prompts: Int32Array[];

beforeAll(async () => {
  addon = loadAddon();
  model = await addon.Model.load(inject("modelFile"), { gpuLayers: 0 });
  prompts = SENTENCES.map((text) => Int32Array.of(1, ...model.tokenize(`user\n${text}`, false)));
});

function open(options: Partial<NativeContextOptions>): Promise<NativeContext> {
  return addon.Context.create(model, {
    tokens: 1024,
    batch: 256,
    sequences: 4,
    threads: availableParallelism(),
    taps: [],
    adapters: [],
    edits: false,
    ...options,
  });
}

describe("taps", () => {
  const layers = Array.from({ length: LAYERS - 1 }, (_, layer) => layer);
  const twice = layers.flatMap((layer) => [
    { layer, graphNode: false },
    { layer, graphNode: true },
  ]);

  function expectEqualTaps(residuals: Float32Array, tokens: number): void {
    const size = tokens * WIDTH;
    expect(residuals.length).toBe(twice.length * size);
    for (const layer of layers) {
      const input = residuals.subarray(2 * layer * size, (2 * layer + 1) * size);
      const node = residuals.subarray((2 * layer + 1) * size, (2 * layer + 2) * size);
      expect(Buffer.compare(bytes(input), bytes(node)), `layer ${layer}`).toBe(0);
      expect(input.some((value) => value !== 0)).toBe(true);
    }
  }

  it("give the same bits as the evaluation callback sees in l_out-L, for every layer, whatever is flagged as output", async () => {
    const context = await open({ taps: twice });
    for (const [slot, tokens] of prompts.entries()) {
      const positions = Int32Array.from(tokens, (_, index) => index);
      const outputs = Uint8Array.from(tokens, (_, index) => (index % 5 === slot ? 1 : 0));
      const samplers = Array.from(outputs.filter(Boolean), () => null);
      const decoded = await context.decode(
        tokens,
        positions,
        new Int32Array(tokens.length).fill(slot),
        outputs,
        samplers,
        true,
      );
      expectEqualTaps(decoded.residuals ?? new Float32Array(), tokens.length);
    }
    context.dispose();
  });

  it("stand in batch order when several sequences share a pass, in any order of slots, with gaps", async () => {
    for (const order of [
      [0, 1, 2],
      [2, 0, 1],
      [3, 1, 0],
    ]) {
      const context = await open({ taps: twice });
      const alone = await open({ taps: twice, sequences: 1 });
      for (let position = 0; position < 6; position++) {
        const tokens = Int32Array.from(prompts, (prompt) => prompt[position] ?? 0);
        const at = new Int32Array(3).fill(position);
        const decoded = await context.decode(tokens, at, Int32Array.from(order), new Uint8Array(3), [], true);
        expectEqualTaps(decoded.residuals ?? new Float32Array(), 3);
      }
      // the second prompt alone gives what its row gave in company
      const [, prompt = new Int32Array()] = prompts;
      const positions = Int32Array.from({ length: 7 }, (_, index) => index);
      const whole = await alone.decode(
        prompt.subarray(0, 7),
        positions,
        new Int32Array(7),
        new Uint8Array(7),
        [],
        true,
      );
      const tokens = Int32Array.from(prompts, (p) => p[6] ?? 0);
      const last = await context.decode(
        tokens,
        new Int32Array(3).fill(6),
        Int32Array.from(order),
        new Uint8Array(3),
        [],
        true,
      );
      for (const tap of twice.keys()) {
        const inCompany = last.residuals?.subarray((tap * 3 + 1) * WIDTH, (tap * 3 + 2) * WIDTH) ?? [];
        const byItself = whole.residuals?.subarray((tap * 7 + 6) * WIDTH, (tap + 1) * 7 * WIDTH) ?? [];
        expect(cosine(inCompany, byItself), `tap ${tap}`).toBeGreaterThan(0.999);
      }
      context.dispose();
      alone.dispose();
    }
  });

  it("keeps batch order over several graph runs of one batch", async () => {
    const long = Int32Array.from({ length: 700 }, (_, index) => 100 + ((index * 37) % 5000));
    const taps = [
      { layer: 12, graphNode: false },
      { layer: 12, graphNode: true },
    ];
    const context = await open({ taps, batch: 700 });
    const positions = Int32Array.from(long, (_, index) => index);
    const { residuals = new Float32Array() } = await context.decode(
      long,
      positions,
      new Int32Array(700),
      new Uint8Array(700),
      [],
      true,
    );
    const size = 700 * WIDTH;
    expect(Buffer.compare(bytes(residuals.subarray(0, size)), bytes(residuals.subarray(size)))).toBe(0);
    context.dispose();
  });

  it("reads the last block, whose rows exist for outputs only, for all tokens", async () => {
    const context = await open({
      taps: [
        { layer: LAYERS - 1, graphNode: true },
        { layer: LAYERS - 2, graphNode: false },
      ],
    });
    const [tokens = new Int32Array()] = prompts;
    const positions = Int32Array.from(tokens, (_, index) => index);
    const { residuals = new Float32Array() } = await context.decode(
      tokens,
      positions,
      new Int32Array(tokens.length),
      new Uint8Array(tokens.length),
      [],
      true,
    );
    expect(residuals.length).toBe(2 * tokens.length * WIDTH);
    for (let token = 0; token < tokens.length; token++) {
      expect(residuals.subarray(token * WIDTH, (token + 1) * WIDTH).some((value) => value !== 0)).toBe(true);
    }
    context.dispose();
  });
});

describe("preconditions", () => {
  it("refuses what would make llama.cpp abort, before the call", async () => {
    await expect(async () => await open({ taps: [{ layer: LAYERS, graphNode: false }] })).rejects.toMatchObject({
      code: "MODX_ENGINE_ARGUMENT",
    });
    await expect(async () => await open({ taps: [{ layer: LAYERS - 1, graphNode: false }] })).rejects.toMatchObject({
      code: "MODX_ENGINE_ARGUMENT",
    });
    await expect(async () => await open({ sequences: 100_000 })).rejects.toMatchObject({
      code: "MODX_ENGINE_ARGUMENT",
    });
    await expect(async () => await open({ threads: 0 })).rejects.toMatchObject({ code: "MODX_ENGINE_ARGUMENT" });
    const context = await open({ sequences: 2 });
    const refused: [number[], number[], number[]][] = [
      [[], [], []],
      [[-1], [0], [0]],
      [[49152], [0], [0]],
      [[5], [0], [2]],
      [[5], [3], [0]],
      [
        [5, 6],
        [0, 2],
        [0, 0],
      ],
      [
        [5, 6, 7],
        [0, 1, 0],
        [0, 0, 1],
      ],
      [Array(300).fill(5), Array.from({ length: 300 }, (_, i) => i), Array(300).fill(0)],
    ];
    for (const [tokens, positions, slots] of refused) {
      const call = () =>
        context.decode(
          Int32Array.from(tokens),
          Int32Array.from(positions),
          Int32Array.from(slots),
          new Uint8Array(tokens.length),
          [],
          false,
        );
      expect(call).toThrow(expect.objectContaining({ code: "MODX_ENGINE_ARGUMENT" }));
    }
    expect(() => context.bind(new Float32Array(WIDTH), Float32Array.of(0), Uint32Array.of(0), [])).toThrow(
      expect.objectContaining({ code: "MODX_ENGINE_ARGUMENT" }),
    );
    context.dispose();
    expect(() => context.limits()).toThrow(expect.objectContaining({ code: "MODX_ENGINE_DISPOSED" }));
  });

  it("follows a pass with what it sampled, and not where nothing was", async () => {
    const context = await open({});
    expect(() => context.follow()).toThrow(expect.objectContaining({ code: "MODX_ENGINE_ARGUMENT" }));
    const greedy = new addon.Sampler(model, checkSampling({}));
    const decode = (tokens: number[], from: number, slot: number, sampler: NativeSampler | null) =>
      context.decode(
        Int32Array.from(tokens),
        Int32Array.from(tokens, (_, i) => from + i),
        new Int32Array(tokens.length).fill(slot),
        Uint8Array.from(tokens, (_, i) => (i === tokens.length - 1 ? 1 : 0)),
        [sampler],
        false,
      );
    const first = decode([5, 6], 0, 0, greedy);
    const second = await context.follow();
    const { sampled } = await first;
    expect(await decode([5, 6], 0, 1, greedy)).toMatchObject({ sampled });
    expect(await decode([...sampled], 2, 1, greedy)).toMatchObject({ sampled: second?.sampled });
    void decode([7], 3, 0, null);
    expect(await context.follow()).toBeNull();
    expect(await context.follow()).toBeNull();
    context.dispose();
  });

  it("refuses a second decode while one runs, and objects of another kind", async () => {
    const context = await open({});
    const one = () => context.decode(Int32Array.of(5), Int32Array.of(0), Int32Array.of(0), Uint8Array.of(0), [], false);
    const running = one();
    expect(one).toThrow(expect.objectContaining({ code: "MODX_ENGINE_BUSY" }));
    expect(() => context.dispose()).toThrow(expect.objectContaining({ code: "MODX_ENGINE_BUSY" }));
    await running;
    const impostor = {} as NativeModel;
    expect(() => addon.Context.create(impostor, {} as NativeContextOptions)).toThrow(
      expect.objectContaining({ code: "MODX_ENGINE_ARGUMENT" }),
    );
    context.dispose();
  });
});

function bytes(floats: Float32Array): Uint8Array {
  return new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
}
