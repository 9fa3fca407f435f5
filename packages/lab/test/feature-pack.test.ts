import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engine, openEngine, tapName } from "@modx/engine";
import { checkPolicy, openGuard, runningIdentity } from "@modx/guard";
import { readPack, type Unresolved } from "@modx/pack";
import { encode, foldWhole, localFolder, type OpenedSae, openSae } from "@modx/sae";
import { writeSafetensors } from "@modx/tensors";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { calibratePack } from "../src/build/calibrate-pack.ts";
import { buildFeaturePack } from "../src/quarantine/feature-pack.ts";
import { resolvePack } from "../src/quarantine/resolve-pack.ts";
import { randomSource } from "../src/stats/bootstrap.ts";

const [WIDTH, FEATURES, LAYER] = [576, 96, 14];
const LISTED = [
  { index: 3, label: "bombs" },
  { index: 40, label: "" },
  { index: 95, label: "theft" },
];
const TEXTS = ["Why is the sea salty?", "Name three trees.", "What is a comet made of?"];

describe("a pack of an autoencoder's features", () => {
  const folder = mkdtempSync(join(tmpdir(), "modx-feature-pack-"));
  let engine: Engine;
  let sae: OpenedSae;

  beforeAll(async () => {
    engine = await openEngine({ model: inject("modelFile"), taps: [tapName(LAYER)], sequences: 4, contextTokens: 256 });
    sae = await openSae(await localFolder(writeSae(join(folder, "sae"))));
  });
  afterAll(async () => {
    await engine.close();
    await sae.file.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const options = (features = LISTED) => ({
    engine,
    identity: runningIdentity(engine, { modelSha256: "0".repeat(64), adapters: [] }),
    sae,
    source: "a random autoencoder",
    tap: tapName(LAYER),
    features,
    prompts: TEXTS.map((text, i) => ({ id: `p${i}`, text, label: "benign" as const, source: "test" })),
    name: "listed",
    folder: join(folder, "pack"),
  });

  it("reads what the whole autoencoder says of them, on every token of prompts and answers", async () => {
    await buildFeaturePack(options());
    const pack = readPack(join(folder, "pack"));
    const [detector] = pack.manifest.detectors;
    if (detector?.algorithm !== "feature-list") throw new Error("another detector");
    expect(detector.features.map(({ row, label }) => [row, label])).toEqual([
      ["f3", "bombs"],
      ["f40", ""],
      ["f95", "theft"],
    ]);
    const whole = await foldWhole(sae.file, sae.layout);
    await engine.bind(pack.readouts.map((readout) => ({ ...readout, tap: tapName(LAYER) })));
    let active = 0;
    for (const text of TEXTS) {
      const { tokens } = await engine.prompt([{ role: "user", content: text }]);
      const sequence = await engine.start({ maxTokens: tokens.length });
      const { readings, residuals } = await sequence.decode(tokens, { capture: true });
      sequence.close();
      for (let position = 1; position < tokens.length; position++) {
        const code = encode(
          whole,
          residuals?.[0]?.subarray(position * WIDTH, (position + 1) * WIDTH) ?? new Float32Array(),
        );
        const values = new Map(code.features.map((feature, i) => [feature, code.values[i] ?? 0]));
        for (const [row, { index }] of LISTED.entries()) {
          const reading = readings[position * LISTED.length + row] ?? Number.NaN;
          const { activation } = detector.features[row] ?? {};
          const threshold = activation?.kind === "jumprelu" ? activation.threshold : Number.NaN;
          const value = values.get(index) ?? 0;
          if (Math.abs(reading - threshold) < 1e-3) continue;
          expect(reading > threshold, `feature ${index}, position ${position}`).toBe(value > 0);
          if (value > 0) expect(Math.abs(reading - value)).toBeLessThan(1e-3 * Math.max(1, value));
          active += value > 0 ? 1 : 0;
        }
      }
    }
    expect(active).toBeGreaterThan(5);
  });

  it("is resolved without a model, and reads and alarms on the one that it is calibrated on", async () => {
    const resolved = join(folder, "resolved");
    const manifest: Unresolved = {
      schema: 1,
      unresolved: true,
      name: "listed",
      description: "",
      sources: [{ sae: "a random autoencoder", features: LISTED }],
      labels: [],
      provenance: {},
      files: {},
    };
    const source = { sae, source: "a random autoencoder", tap: tapName(LAYER), features: LISTED };
    await resolvePack({ manifest, sources: [source], folder: resolved, name: "resolved" });
    expect(readPack(resolved).manifest.madeFor).toEqual({ model: null, width: WIDTH });
    const files = { modelSha256: "0".repeat(64), adapters: [] };
    const guardOf = () =>
      openGuard({ engine, packs: [readPack(resolved)], files, policy: checkPolicy("halt"), allowUncalibrated: true });
    await expect(guardOf()).rejects.toMatchObject({ code: "MODX_PACK_DRAFT" });

    const prompts = (label: "benign" | "harmful" | "sensitive", texts: string[]) =>
      texts.map((text, i) => ({ id: `${label}${i}`, text, label, source: "test" }));
    const none = { harmful: [], sensitive: [] };
    await expect(
      calibratePack({ engine, files, folder: resolved, prompts: { ...none, benign: [] }, length: 12 }),
    ).rejects.toMatchObject({ code: "MODX_USAGE_PROMPTS" });
    const benign = prompts(
      "benign",
      Array.from({ length: 30 }, (_, i) => `Name ${i + 2} things of the colour red.`),
    );
    await calibratePack({ engine, files, folder: resolved, prompts: { ...none, benign }, length: 12 });
    const { manifest: calibrated, golden } = readPack(resolved);
    expect(calibrated.madeFor).toBeUndefined();
    expect(calibrated.identities).toEqual([runningIdentity(engine, files)]);
    expect(golden.tokens.length).toBeGreaterThan(10);
    expect(golden.spread.every((value) => value > 0)).toBe(true);
    expect(calibrated.detectors[0]?.threshold).toBeTypeOf("number");
    // the guard replays the golden readings
    expect((await guardOf()).fits).toMatchObject([{ level: "calibrated" }]);
    const other = await openEngine({ model: inject("modelFile"), taps: [], sequences: 1, contextTokens: 64 });
    const small = readPack(resolved);
    const narrow = { ...small, manifest: { ...calibrated, identities: [], madeFor: { model: null, width: 24 } } };
    const opened = openGuard({ engine: other, packs: [narrow], files, policy: checkPolicy("log") });
    await expect(opened).rejects.toMatchObject({ code: "MODX_PACK_INCOMPATIBLE" });
    await other.close();
  });

  it("stands for the k largest of all features with a threshold, and says how well", async () => {
    const largest = await openSae(await localFolder(writeSae(join(folder, "topk"), { architecture: "topk", k: 9 })));
    const at = join(folder, "approximate");
    await buildFeaturePack({ ...options(), sae: largest, folder: at, name: "approximate" });
    const [detector] = readPack(at).manifest.detectors;
    if (detector?.algorithm !== "feature-list") throw new Error("another detector");
    const [one, ...others] = detector.features.map(({ activation }) => activation);
    if (one?.kind !== "jumprelu" || one.approximate === undefined) throw new Error("not approximate");
    expect(others).toEqual([one, one]);
    expect(one.threshold).toBeGreaterThan(0);
    expect(one.approximate.precision).toBeGreaterThan(0.3);
    expect(one.approximate.recall).toBeGreaterThan(0.3);
    expect(one.approximate.tokens).toBeGreaterThan(20);
    await largest.file.close();
  });

  it("refuses a feature that the autoencoder has not", async () => {
    await expect(buildFeaturePack(options([{ index: FEATURES, label: "" }]))).rejects.toMatchObject({
      code: "MODX_USAGE_FEATURES",
    });
  });
});

/** A random autoencoder as SAELens saves one; its thresholds leave about a fifth of the features active. */
function writeSae(path: string, more: object = {}): string {
  const random = randomSource(4);
  const numbers = (length: number, size: number): Float32Array =>
    Float32Array.from({ length }, () => size * (random() - 0.5));
  mkdirSync(path, { recursive: true });
  const config = {
    architecture: "jumprelu",
    d_in: WIDTH,
    d_sae: FEATURES,
    apply_b_dec_to_input: true,
    metadata: { hook_name: `blocks.${LAYER}.hook_resid_post` },
    ...more,
  };
  writeFileSync(join(path, "cfg.json"), JSON.stringify(config));
  const tensors = new Map([
    ["W_enc", { dtype: "F32" as const, shape: [WIDTH, FEATURES], data: numbers(WIDTH * FEATURES, 0.3) }],
    ["W_dec", { dtype: "F32" as const, shape: [FEATURES, WIDTH], data: numbers(WIDTH * FEATURES, 0.3) }],
    ["b_enc", { dtype: "F32" as const, shape: [FEATURES], data: numbers(FEATURES, 0.5) }],
    ["b_dec", { dtype: "F32" as const, shape: [WIDTH], data: numbers(WIDTH, 1) }],
    [
      "threshold",
      { dtype: "F32" as const, shape: [FEATURES], data: numbers(FEATURES, 1).map((value) => Math.abs(value)) },
    ],
  ]);
  writeFileSync(join(path, "sae_weights.safetensors"), writeSafetensors(tensors));
  return path;
}
