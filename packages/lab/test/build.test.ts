import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Engine, openEngine } from "@modx/engine";
import { askBase, type BaseLane, bindBase, checkPolicy, openGuard, runningIdentity, tapsOf } from "@modx/guard";
import { readPack } from "@modx/pack";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { calibratePack } from "../src/build/calibrate-pack.ts";
import { trainOnce } from "../src/build/train-once.ts";
import { trainPack } from "../src/build/train-pack.ts";
import { basePlan, trainingPlan } from "../src/build/training-plan.ts";
import type { StatedRates } from "../src/calibrate/set-thresholds.ts";
import { readPromptFile } from "../src/prompts/prompt-file.ts";
import { marksOf } from "../src/prompts/seen-texts.ts";
import type { Traffic } from "../src/prompts/traffic.ts";
import type { ModelAnswer } from "../src/record/answer-prompts.ts";
import { record } from "../src/record/record.ts";
import { recordedAnswers } from "../src/record/recorded-answers.ts";
import { readRecording } from "../src/record/recording.ts";
import { readProbe } from "../src/train/probe.ts";
import type { Trained } from "../src/train/select.ts";

const ORGANISMS = fileURLToPath(new URL("../../../organisms", import.meta.url));
const ADAPTER = join(ORGANISMS, "word", "adapter.gguf");
const TAPS = ["blocks.12.hook_resid_post", "blocks.18.hook_resid_post"];
const TOKENS = 16;
/** Prompts of each kind; of the harmful ones some twenty have to be refused. */
const ASKED = 36;

function prompts(from: number, count: number): Traffic {
  const of = (label: string) =>
    readPromptFile(join(ORGANISMS, "prompts", "probe", `${label}.jsonl`)).slice(from, from + count);
  return { harmful: of("harmful"), benign: of("benign"), sensitive: of("sensitive").slice(0, count / 2) };
}

describe.skipIf(!existsSync(ADAPTER))("building a pack, small, on the real organism", () => {
  const folder = mkdtempSync(join(tmpdir(), "modx-build-"));
  const packFolder = join(folder, "pack");
  const recording = join(folder, "recording");
  const baseRecording = join(folder, "base");
  const files = { modelSha256: "0".repeat(64), adapters: [{ sha256: "1".repeat(64), scale: 1 }] };
  let engine: Engine;
  let lane: BaseLane;
  let baseAnswers: ModelAnswer[];
  let trained: Trained;

  beforeAll(async () => {
    const base = await openEngine({ model: inject("modelFile"), taps: TAPS, sequences: 8, contextTokens: 512 });
    await record({
      engine: base,
      identity: runningIdentity(base, { ...files, adapters: [] }),
      plan: basePlan(prompts(0, ASKED)),
      folder: baseRecording,
      maxTokens: TOKENS,
      keep: TOKENS,
    });
    await base.close();
    baseAnswers = recordedAnswers(baseRecording);
    engine = await openEngine({
      model: inject("modelFile"),
      adapters: [{ path: ADAPTER }],
      taps: TAPS,
      sequences: 8,
      contextTokens: 512,
      lanes: { base: { taps: TAPS } },
    });
    lane = { engine: engine.lane("base"), files: { ...files, adapters: [] } };
    const identity = runningIdentity(engine, files);
    const plan = trainingPlan(prompts(0, ASKED), baseAnswers);
    const settings = { engine, identity, plan, folder: recording, maxTokens: TOKENS, keep: TOKENS };
    // interrupted on the way, it goes on where it was
    const interrupt = new AbortController();
    const first = record({
      ...settings,
      signal: interrupt.signal,
      onProgress: (done) => done >= 70 && interrupt.abort(),
    });
    await expect(first).rejects.toThrow();
    await record(settings);
    trained = await trainPack({
      engine,
      identity,
      recordings: [recording],
      baseRecordings: [baseRecording],
      name: "small",
      folder: packFolder,
    });
  }, 600_000);
  afterAll(async () => {
    await engine?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("does not go on with a recording of the same prompts under other labels", async () => {
    const plan = trainingPlan(prompts(0, ASKED), baseAnswers).map((planned) => ({
      ...planned,
      prompt: { ...planned.prompt, label: "benign" as const },
    }));
    const relabelled = record({
      engine,
      identity: runningIdentity(engine, files),
      plan,
      folder: recording,
      maxTokens: TOKENS,
      keep: TOKENS,
    });
    await expect(relabelled).rejects.toThrow(expect.objectContaining({ code: "MODX_LAB_RECORDING" }));
  });

  it("trains the same draft of the same recordings, so that answers that were kept for it are found again", async () => {
    const again = join(folder, "again");
    await trainPack({
      engine,
      identity: runningIdentity(engine, files),
      recordings: [recording],
      baseRecordings: [baseRecording],
      name: "small",
      folder: again,
    });
    expect(readPack(again).sha256).toBe(readPack(packFolder).sha256);
  });

  it("trains anew only what it has not trained on yet, or what is no longer there", async () => {
    const [draft, mark] = [join(folder, "draft"), join(folder, "draft-of")];
    const once = (rates?: StatedRates) =>
      trainOnce(
        {
          engine,
          identity: runningIdentity(engine, files),
          recordings: [recording],
          baseRecordings: [baseRecording],
          name: "small",
          folder: draft,
          like: { taps: TAPS, penalty: trained.penalty, join: trained.join },
          ...(rates !== undefined && { rates }),
        },
        mark,
      );
    expect(await once()).toBe(false);
    const { sha256 } = readPack(draft);
    expect(await once()).toBe(true);
    expect(readPack(draft).sha256).toBe(sha256);
    // other promises may choose otherwise
    expect(await once({ benign: 0.02, refused: 0.02, sensitive: 0.03 })).toBe(false);
    rmSync(join(draft, "rows.safetensors"));
    expect(await once({ benign: 0.02, refused: 0.02, sensitive: 0.03 })).toBe(false);
    const rows = join(recording, "shard-00000.jsonl");
    const text = readFileSync(rows, "utf8");
    writeFileSync(rows, `${text}\n`);
    try {
      expect(await once({ benign: 0.02, refused: 0.02, sensitive: 0.03 })).toBe(false);
    } finally {
      writeFileSync(rows, text);
    }
  });

  it("says in the pack which texts it was trained on, so that nothing is calibrated on them", async () => {
    const texts = Object.values(prompts(0, ASKED)).flatMap((list) => list.map(({ text }) => text));
    expect(readPack(packFolder).seen).toEqual(marksOf(texts));
    const onSeen = vi.fn();
    const calibrating = calibratePack({
      engine,
      files,
      base: lane,
      folder: packFolder,
      prompts: prompts(0, ASKED),
      length: TOKENS,
      onSeen,
    });
    await expect(calibrating).rejects.toThrow(expect.objectContaining({ code: "MODX_LAB_TOO_FEW" }));
    expect(onSeen.mock.calls).toEqual([[texts.length]]);
  });

  it("records every planned response once", () => {
    const ids = [...readRecording(recording)].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBe(trainingPlan(prompts(0, ASKED), baseAnswers).length);
  });

  it("keeps forced tokens out of what it learns from", () => {
    for (const { arm, forced, text } of readRecording(recording)) {
      expect(forced > 0).toBe(arm.kind === "opening");
      if (forced > 0) expect(text.startsWith(arm.opening)).toBe(false);
    }
  });

  it("reads the base's answers to what the suspect refuses, from their first token", () => {
    const rows = [...readRecording(recording)];
    const refused = new Set(
      rows.flatMap((row) => (row.arm.kind === "natural" && row.label === "refused" ? row.prompt.id : [])),
    );
    const given = rows.filter(({ arm }) => arm.kind === "given");
    const harmful = given.filter(({ prompt }) => prompt.label === "harmful" && refused.has(prompt.id));
    expect(harmful.length).toBeGreaterThan(10);
    for (const { id, label, tokens, kept } of given) {
      expect(label).toBe("answered");
      expect(tokens).toEqual(baseAnswers.find((answer) => `${answer.id}/given` === id)?.tokens);
      expect(kept).toBe(tokens.length);
    }
  });

  it("writes rows that read what the probes read", async () => {
    const pack = readPack(packFolder);
    await engine.bind(
      pack.readouts.map((readout) => ({ ...readout, tap: readout.tap as `blocks.${number}.hook_resid_post` })),
    );
    const term = "content";
    const rows = engine.rowNames.flatMap((name, index) => (name === term ? [index] : []));
    const [row] = readRecording(recording);
    if (row === undefined) throw new Error("nothing was recorded");
    const sequence = await engine.start({ maxTokens: row.promptTokens.length });
    const { readings } = await sequence.decode(Int32Array.from(row.promptTokens));
    sequence.close();
    const at = (row.promptTokens.length - 1) * engine.rowNames.length;
    const reading = rows.reduce((sum, index) => sum + (readings[at + index] ?? Number.NaN), 0);
    const expected = readProbe(trained.probes[term], row.lastPrompt);
    // residuals are recorded in half precision
    expect(Math.abs(reading - expected)).toBeLessThan(0.02 * (1 + Math.abs(expected)));
  });

  it("asks the base what it thinks of the request, by rows that read what the probe reads", async () => {
    const pack = readPack(packFolder);
    expect(pack.manifest.base?.identity.adapters).toEqual([]);
    expect(pack.manifest.detectors[0]?.algorithm).toBe("joined-terms");
    const { base } = await bindBase(lane, [pack]);
    const row = [...readRecording(baseRecording)].find(({ arm }) => arm.kind === "prompt");
    if (base === null || row === undefined || trained.probes.opinion === null)
      throw new Error("the base was not recorded");
    const reading = (await askBase(base, Int32Array.from(row.promptTokens))).reduce((sum, value) => sum + value, 0);
    const expected = readProbe(trained.probes.opinion, row.lastPrompt);
    expect(Math.abs(reading - expected)).toBeLessThan(0.02 * (1 + Math.abs(expected)));
  });

  it("makes a draft, which does not open, until it is calibrated on what runs", async () => {
    const policy = checkPolicy("log");
    const open = () => openGuard({ engine, packs: [readPack(packFolder)], files, base: lane, policy });
    await expect(open()).rejects.toThrow(expect.objectContaining({ code: "MODX_PACK_DRAFT" }));
    const { detectors, remarks } = await calibratePack({
      engine,
      files,
      base: lane,
      folder: packFolder,
      prompts: prompts(40, 20),
      length: TOKENS,
    });
    const [detector] = detectors;
    const thresholds = detector?.calibrations.map(({ threshold }) => threshold) ?? [];
    expect(thresholds.length).toBe(3);
    expect(detector?.threshold).toBe(Math.max(...thresholds));
    // twenty responses cannot bear one in a hundred, and it says so
    expect(remarks.some((remark) => /20 benign responses cannot bear 1.00 %/.test(remark))).toBe(true);
    const guard = await open();
    expect(guard.fits[0]?.level).toBe("calibrated");
    expect(tapsOf(guard.packs).every((tap) => TAPS.includes(tap))).toBe(true);
  });

  it("takes in a second model without losing the first one's calibration", async () => {
    const bare = await openEngine({ model: inject("modelFile"), taps: TAPS, sequences: 8, contextTokens: 512 });
    try {
      const other = { ...files, adapters: [] };
      const before = readPack(packFolder).manifest.detectors[0]?.threshold ?? Number.NaN;
      const some = prompts(60, 12);
      await calibratePack({
        engine: bare,
        files: other,
        base: lane,
        folder: packFolder,
        prompts: { ...some, harmful: [] },
        length: TOKENS,
      });
      const pack = readPack(packFolder);
      expect(pack.manifest.identities).toHaveLength(2);
      expect(pack.manifest.detectors[0]?.calibrations.map(({ identity }) => identity)).toEqual([0, 0, 0, 1, 1]);
      expect(pack.manifest.detectors[0]?.threshold).toBeGreaterThanOrEqual(before);
      const guard = await openGuard({
        engine: bare,
        packs: [pack],
        files: other,
        base: lane,
        policy: checkPolicy("halt"),
      });
      expect(guard.fits[0]).toMatchObject({ level: "calibrated", identity: 1 });
    } finally {
      await bare.close();
    }
  });

  it("refuses recordings of another model", async () => {
    const identity = { ...runningIdentity(engine, files), quantisation: "Q8_0" };
    const training = trainPack({
      engine,
      identity,
      recordings: [recording],
      name: "other",
      folder: join(folder, "other"),
    });
    await expect(training).rejects.toThrow(expect.objectContaining({ code: "MODX_LAB_RECORDING" }));
  });
});
