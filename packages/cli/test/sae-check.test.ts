import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Tensor, writeSafetensors } from "@modx/tensors";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { createProgram } from "../src/program.ts";

/* An autoencoder of which it is known what it does on any residuals: for each dimension a feature that reads and writes it, and one for its negative. */
const [WIDTH, LAYER] = [576, 5];
const OTHER_WIDTH = fileURLToPath(new URL("../../sae/test/fixtures/sae-lens-jumprelu", import.meta.url));

const root = mkdtempSync(join(tmpdir(), "modx-sae-check-"));
const at = (name: string): string => join(root, name);

/** `axes` of the width's dimensions are read and written. */
function writeSae(name: string, scale: number, more: object = {}, axes = WIDTH): string {
  const features = 2 * axes;
  const decoder = new Float32Array(features * WIDTH);
  for (let i = 0; i < axes; i++) [decoder[2 * i * WIDTH + i], decoder[(2 * i + 1) * WIDTH + i]] = [1, -1];
  // [width, features], as SAELens keeps it
  const encoder = new Float32Array(decoder.length);
  for (let i = 0; i < axes; i++) [encoder[i * features + 2 * i], encoder[i * features + 2 * i + 1]] = [scale, -scale];
  mkdirSync(at(name));
  writeFileSync(
    join(at(name), "cfg.json"),
    JSON.stringify({
      architecture: "topk",
      k: axes,
      d_in: WIDTH,
      d_sae: features,
      metadata: { hook_name: `blocks.${LAYER}.hook_resid_post` },
      ...more,
    }),
  );
  writeFileSync(
    join(at(name), "sae_weights.safetensors"),
    writeSafetensors(
      new Map<string, Tensor>([
        ["W_enc", { dtype: "F32", shape: [WIDTH, features], data: encoder }],
        ["W_dec", { dtype: "F32", shape: [features, WIDTH], data: decoder }],
        ["b_enc", { dtype: "F32", shape: [features], data: new Float32Array(features) }],
        ["b_dec", { dtype: "F32", shape: [WIDTH], data: new Float32Array(WIDTH) }],
      ]),
    ),
  );
  return at(name);
}

interface Ran {
  text: string;
  json: Record<string, unknown>;
  status: number;
}

async function check(...args: string[]): Promise<Ran> {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    await createProgram().parseAsync(["sae", "check", ...args], { from: "user" });
    const text = write.mock.calls.map(([chunk]) => chunk).join("");
    return { text, json: args.includes("--json") ? JSON.parse(text) : {}, status: Number(process.exitCode ?? 0) };
  } finally {
    process.exitCode = 0;
    write.mockRestore();
  }
}

// one thread: two wait for each other where other work has the processor
const own = (): string[] => ["-m", inject("modelFile"), "--lora", "none", "-t", "1"];
const NOTHING = { tokens: null, l0: null, fvu: null, dead: null, first_position: null };

afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("on the model's own answers", () => {
  it("is ok with its figures, in the order that is promised", async () => {
    const { json, text, status } = await check(writeSae("right", 1), ...own(), "--json");
    expect(text.trim()).toBe(JSON.stringify(json));
    expect(Object.keys(json)).toEqual([
      "status",
      "verified",
      "l0",
      "fvu",
      "dead",
      "first_position",
      "tokens",
      "expected",
      "cause",
    ]);
    expect(json).toMatchObject({ status: "ok", l0: WIDTH, expected: { l0: WIDTH, fvu: 0.6 }, cause: null });
    expect(json["fvu"]).toBeLessThan(1e-6);
    expect(json["tokens"]).toBeGreaterThan(300);
    expect(json["first_position"]).toBe(WIDTH);
    expect(status).toBe(0);
  });

  it("says what going on from what it decodes costs: nothing where that is the residual", async () => {
    const { json, text } = await check(
      writeSae("spliced", 1, { architecture: "standard" }),
      ...own(),
      "--loss",
      "--json",
    );
    const { recovered, tokens } = json["loss"] as { recovered: number; tokens: number };
    expect(recovered).toBeCloseTo(1, 2);
    expect(tokens).toBeGreaterThan(300);
    expect(text).toContain('"cause":null,"loss":{');
    await expect(check(writeSae("largest", 1), ...own(), "--loss")).rejects.toMatchObject({
      code: "MODX_SAE_UNSUPPORTED",
    });
  });

  it("is refused where a model that was named does not fit", async () => {
    await expect(check(OTHER_WIDTH, ...own())).rejects.toMatchObject({ code: "MODX_USAGE" });
    const anywhere = writeSae("anywhere", 1, { metadata: {} });
    await expect(check(anywhere, ...own(), "--layer", "30")).rejects.toMatchObject({ code: "MODX_USAGE_TAP" });
    await expect(check(anywhere, ...own())).rejects.toMatchObject({ code: "MODX_USAGE" });
  });

  it("is refused where its files say another place than --layer, or one that no block has", async () => {
    await expect(check(at("right"), ...own(), "--layer", "6")).rejects.toMatchObject({
      code: "MODX_USAGE",
      message: expect.stringContaining("behind block 5"),
    });
    const elsewhere = writeSae("elsewhere", 1, { metadata: { hook_name: "blocks.5.hook_mlp_out" } });
    for (const flags of [[], ["--layer", "5"]])
      await expect(check(elsewhere, ...own(), ...flags)).rejects.toMatchObject({
        code: "MODX_SAE_UNSUPPORTED",
        message: expect.stringContaining("blocks.5.hook_mlp_out"),
      });
  });
});

describe("read wrongly in every way", () => {
  it("says which of them the check would notice, on residuals of its own layer and others", async () => {
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    try {
      const few = writeSae("wrong", 1, { architecture: "standard" }, 24);
      await createProgram().parseAsync(["sae", "wrong", few, ...own(), "--json"], { from: "user" });
      const rows = write.mock.calls
        .flatMap(([chunk]) => String(chunk).split("\n"))
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as { mutation: string; caught: boolean; symmetry: boolean; promised: boolean });
      expect(rows[0]).toMatchObject({ mutation: "none", symmetry: true });
      // it says next to nothing of a residual, which is the same however it is written
      expect(rows.filter(({ promised }) => !promised).map(({ mutation }) => mutation)).toContain(
        "the encoder is read times 1.10",
      );
      for (const { mutation, caught } of rows.filter(({ symmetry }) => symmetry)) expect(caught, mutation).toBe(true);
      expect(rows.map(({ mutation }) => mutation)).toEqual(
        expect.arrayContaining([
          "the encoder is read times 1.5",
          ...[1, 4].map((off) => `residuals of layer ${LAYER}-${off}`),
        ]),
      );
    } finally {
      write.mockRestore();
    }
  });
});

describe("where no residuals are at hand", () => {
  it("is unchecked, with a reason: the built-in model is of another width, or has no such block", async () => {
    const { json, status } = await check(OTHER_WIDTH, "--json");
    expect(json).toMatchObject({
      status: "unchecked",
      ...NOTHING,
      cause: expect.stringMatching(/576.*--recording|--recording.*576/),
    });
    expect(status).toBe(0);
    const beyond = await check(at("anywhere"), "--layer", "40", "--json");
    expect(beyond.json).toMatchObject({
      status: "unchecked",
      ...NOTHING,
      cause: expect.stringContaining("no model was named"),
    });
    expect((await check(OTHER_WIDTH)).text).toMatch(/^unchecked: .*the reader is proved by: author-library\n$/);
  });

  it("is unchecked where the built-in model cannot be fetched", async () => {
    vi.stubEnv("XDG_CACHE_HOME", at("empty"));
    const { json, status } = await check(at("right"), "--offline", "--json");
    expect(json).toMatchObject({ status: "unchecked", ...NOTHING });
    expect(status).toBe(0);
  });
});

describe("on a recording", () => {
  beforeAll(async () => {
    writeFileSync(
      at("prompts.jsonl"),
      ["Why is the sea salty?", "Name three trees.", "What is a comet?"]
        .map((text) => `${JSON.stringify({ text, label: "benign" })}\n`)
        .join(""),
    );
    const record = async (out: string, keep: string): Promise<void> => {
      const taps = ["--taps", `blocks.${LAYER}.hook_resid_post`];
      const args = ["--prompts", at("prompts.jsonl"), ...taps, ...own(), "-n", "24", "--keep", keep, "--out", at(out)];
      await createProgram().parseAsync(["lab", "record", ...args], { from: "user" });
    };
    await record("recording", "24");
    await record("short", "2");
  });

  it("needs no model, and has nothing to say of position 0", async () => {
    vi.stubEnv("XDG_CACHE_HOME", at("empty"));
    const { json, status } = await check(at("right"), "--recording", at("recording"), "--json");
    expect(json).toMatchObject({ status: "ok", l0: WIDTH, first_position: null, cause: null });
    expect(json["tokens"]).toBeGreaterThan(50);
    expect(status).toBe(0);
  });

  it("fails with a cause where its encoder is scaled", async () => {
    const { json, status } = await check(writeSae("scaled", 1.5), "--recording", at("recording"), "--json");
    expect(json).toMatchObject({ status: "failed", cause: expect.stringContaining("weights times 0.67") });
    expect(status).toBe(1);
    expect((await check(at("scaled"), "--recording", at("recording"))).text).toMatch(
      /^failed: 576\.0 features .*\nlikely cause: /,
    );
  });

  it("is unchecked where it keeps too little", async () => {
    const { json, status } = await check(at("right"), "--recording", at("short"), "--json");
    expect(json).toMatchObject({ status: "unchecked", ...NOTHING, cause: expect.stringContaining("6 positions") });
    expect(status).toBe(0);
  });

  it("is refused where it was made elsewhere, of another width, or is none", async () => {
    const recorded = ["--recording", at("recording")];
    await expect(check(at("anywhere"), ...recorded, "--layer", "6")).rejects.toMatchObject({ code: "MODX_USAGE_TAP" });
    await expect(check(OTHER_WIDTH, ...recorded)).rejects.toMatchObject({ code: "MODX_USAGE" });
    await expect(check(at("right"), "--recording", root)).rejects.toMatchObject({ code: "MODX_LAB_RECORDING" });
  });
});
