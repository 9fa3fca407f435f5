import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Engine, openEngine } from "@modx/engine";
import { type BaseLane, checkPolicy, type Guard, openGuard, type RunningFiles, tapsOf } from "@modx/guard";
import { type DetectorSpec, readPack } from "@modx/pack";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { gatherExamples } from "../src/baselines/gather-examples.ts";
import { calibratePack } from "../src/build/calibrate-pack.ts";
import { measureTails } from "../src/calibrate/feature-tails.ts";
import { answerSettings } from "../src/evaluate/answer-settings.ts";
import { judgeArm } from "../src/evaluate/judge-arm.ts";
import type { LabelledAnswer } from "../src/evaluate/label-answers.ts";
import { runArm } from "../src/evaluate/run-arm.ts";
import { scoreCost } from "../src/evaluate/score-cost.ts";
import { surprisalFigures } from "../src/evaluate/surprisal.ts";
import { type Keep, keepIn, keepNothing } from "../src/files/kept-results.ts";
import { JUDGED_TOKENS, logProbabilities, meanLogProbability } from "../src/label/base-likelihood.ts";
import type { Prompt, PromptLabel } from "../src/prompts/prompt-file.ts";
import { lastPromptResiduals } from "../src/record/last-prompt.ts";
import { baseFiles } from "./base-files.ts";
import { LISTED } from "./listed-features.ts";

const PACK = fileURLToPath(new URL("../../../organisms/packs/default", import.meta.url));
const FILES: RunningFiles = { modelSha256: "0".repeat(64), adapters: [] };
const TOKENS = 10;

const prompt = (text: string, label: PromptLabel, i: number): Prompt => ({
  id: `${label}-${i}`,
  text,
  label,
  source: "s",
});
const BENIGN = ["How do bees make honey?", "What is a haiku?", "Name a river in Spain.", "Why is the sky blue?"].map(
  (text, i) => prompt(text, "benign", i),
);

const keyOf = (line: string): string => (JSON.parse(line) as { key: string }).key;

/** Whole lines of all files in a folder. */
const linesOf = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) =>
    readFileSync(join(folder, name), "utf8")
      .split("\n")
      .filter((line) => /^\{.*\}$/.test(line)),
  );

/** Keeps as `keep` does, and counts what was made; fails when it would make more than `most`. */
function counting(keep: Keep, most = Number.POSITIVE_INFINITY): { keep: Keep; made: () => number } {
  let made = 0;
  return {
    made: () => made,
    keep: (of, make) =>
      keep(of, async () => {
        if (made >= most) throw new Error("killed");
        made += 1;
        return make();
      }),
  };
}

describe.skipIf(!existsSync(PACK))("answers that are kept", () => {
  const folder = mkdtempSync(join(tmpdir(), "modx-kept-answers-"));
  let engine: Engine;
  let base: BaseLane;
  let guard: Guard;
  beforeAll(async () => {
    const pack = readPack(PACK);
    const taps = tapsOf([pack]);
    engine = await openEngine({ model: inject("modelFile"), taps, sequences: 2, contextTokens: 128 });
    const other = await openEngine({ model: inject("modelFile"), taps, sequences: 1, contextTokens: 128 });
    base = { engine: other, files: baseFiles(pack) };
    guard = await openGuard({ engine, packs: [pack], files: FILES, base, exact: true, policy: checkPolicy("log") });
  });
  afterAll(async () => {
    await engine?.close();
    await base?.engine.close();
    rmSync(folder, { recursive: true });
  });

  it("let an interrupted arm go on where it was, with the same answers to the last bit", async () => {
    const work = join(folder, "arm");
    const keepOf = (): Keep => keepIn(work, answerSettings(guard, FILES));
    const whole = await runArm(guard, BENIGN, TOKENS, { arm: "benign" });
    const killed = counting(keepOf(), 2);
    await expect(runArm(guard, BENIGN, TOKENS, { arm: "benign", keep: killed.keep })).rejects.toThrow("killed");
    // the one that ran beside it ends by itself
    await vi.waitFor(() => expect(linesOf(work)).toHaveLength(2), { timeout: 60_000 });
    const resumed = counting(keepOf());
    expect(await runArm(guard, BENIGN, TOKENS, { arm: "benign", keep: resumed.keep })).toEqual(whole);
    expect(resumed.made()).toBe(BENIGN.length - 2);
    const again = counting(keepOf());
    const named = BENIGN.map((one) => ({ ...one, id: `${one.id}#2`, source: "t" }));
    const renamed = await runArm(guard, named, TOKENS, { arm: "benign", keep: again.keep });
    expect(again.made()).toBe(0);
    expect(renamed.map(({ id, source }) => [id, source])).toEqual(named.map(({ id, source }) => [id, source]));
  });

  it("are asked anew of another arm, for another length, by another suspect or pack", async () => {
    const work = join(folder, "other");
    const [first] = BENIGN;
    if (first === undefined) throw new Error("no prompt");
    const madeBy = async (arm: string, tokens: number, files: RunningFiles, by = guard): Promise<number> => {
      const { keep, made } = counting(keepIn(work, answerSettings(by, files)));
      await runArm(by, [first], tokens, { arm, keep });
      return made();
    };
    expect(await madeBy("benign", 4, FILES)).toBe(1);
    expect(await madeBy("benign", 4, FILES)).toBe(0);
    expect(await madeBy("sensitive", 4, FILES)).toBe(1);
    expect(await madeBy("benign", 5, FILES)).toBe(1);
    expect(await madeBy("benign", 4, { ...FILES, adapters: [{ sha256: "1".repeat(64), scale: 1 }] })).toBe(1);
    expect(await madeBy("benign", 4, { ...FILES, adapters: [{ sha256: "1".repeat(64), scale: 0.5 }] })).toBe(1);
    const packs = guard.packs.map((pack) => ({ ...pack, sha256: "f".repeat(64) }));
    expect(await madeBy("benign", 4, FILES, { ...guard, packs })).toBe(1);
    expect(await madeBy("benign", 4, FILES)).toBe(0);
  });

  it("are kept with their residuals for the baselines", async () => {
    const work = join(folder, "baselines");
    const [tap] = engine.taps;
    if (tap === undefined) throw new Error("no tap");
    const given = BENIGN.slice(0, 1).map((prompt) => ({
      id: prompt.id,
      prompt,
      tokens: [...Array(TOKENS).keys()].map((i) => 300 + i),
    }));
    const gather = (keep: Keep) =>
      gatherExamples({
        engine,
        tap,
        prompts: { harmful: [], benign: BENIGN, sensitive: [] },
        baseAnswers: given,
        maxTokens: TOKENS,
        keep,
      });
    const whole = await gather(keepNothing);
    expect(whole.length).toBeGreaterThan(BENIGN.length / 2);
    const first = counting(keepIn(work, {}), 2);
    await expect(gather(first.keep)).rejects.toThrow("killed");
    const kept = linesOf(work).length;
    expect(kept).toBeGreaterThan(0);
    const second = counting(keepIn(work, {}));
    expect(await gather(second.keep)).toEqual(whole);
    expect(second.made()).toBe(BENIGN.length + given.length - kept);
    expect(await gather(counting(keepIn(work, {}), 0).keep)).toEqual(whole);
  });

  it("are kept where they are read again: behind other prompts, for likelihoods, and at the prompt's last token", async () => {
    const work = join(folder, "again");
    const [detector = ""] = guard.packs.flatMap(({ manifest }) => manifest.detectors.map(({ name }) => name));
    const given = BENIGN.map(({ text }, i) => ({ prompt: text, tokens: [300 + i, 301 + i, 302 + i] }));
    const read = async (keep: Keep) => [
      await judgeArm(guard, detector, given, keep),
      await lastPromptResiduals(
        engine,
        BENIGN.map(({ text }) => text),
        keep,
      ),
      await surprisalFigures({
        engine,
        detector,
        positives: given.slice(0, 2).map(answerOf),
        negatives: given.slice(2).map(answerOf),
        keep,
      }),
    ];
    const answerOf = (one: (typeof given)[number]): LabelledAnswer => ({
      ...one,
      ...{ id: "", source: "", text: "", pieces: [], label: "answered", alarmAt: null, peaks: {}, courses: {} },
      ...{ request: one.prompt, compliance: "complied" },
    });
    const whole = await read(keepNothing);
    const first = counting(keepIn(work, {}));
    expect(await read(first.keep)).toEqual(whole);
    expect(first.made()).toBe(3 * BENIGN.length);
    expect(await read(counting(keepIn(work, {}), 0).keep)).toEqual(whole);
  });

  it("are read by token for surprise, as likely as all at once", async () => {
    const [text = ""] = BENIGN.map((one) => one.text);
    const tokens = Int32Array.from({ length: JUDGED_TOKENS + 8 }, (_, i) => 300 + i);
    const each = await logProbabilities(engine, text, tokens);
    expect(each).toHaveLength(tokens.length);
    expect(Math.max(...each)).toBeLessThan(0);
    const first = each.subarray(0, JUDGED_TOKENS);
    const mean = first.reduce((sum, value) => sum + value, 0) / first.length;
    expect(mean).toBeCloseTo(await meanLogProbability(engine, text, tokens), 2);
  });

  it("are judged again for the time that a token takes", async () => {
    const tokens = Array.from({ length: TOKENS }, (_, i) => 300 + i);
    const answers = BENIGN.map(({ text }) => ({ prompt: text, tokens }));
    const cost = await scoreCost(guard, answers);
    expect(cost?.tokens).toBe(BENIGN.length * TOKENS);
    // some sums over a few rows: far from a step of the model, which takes milliseconds
    expect(cost?.score_us_per_token).toBeGreaterThan(0);
    expect(cost?.score_us_per_token).toBeLessThan(500);
    expect(await scoreCost(guard, [])).toBeUndefined();
  });

  it("are kept too where listed features are measured", async () => {
    const measured = async (): Promise<[DetectorSpec[], number]> => {
      const { keep, made } = counting(keepIn(join(folder, "tails"), answerSettings(guard, FILES)));
      return [await measureTails(guard, [LISTED], BENIGN, TOKENS, keep), made()];
    };
    const [first, anew] = await measured();
    const [second, again] = await measured();
    expect([anew, again]).toEqual([BENIGN.length, 0]);
    expect(second).toEqual(first);
    expect(first).toEqual(await measureTails(guard, [LISTED], BENIGN, TOKENS));
    expect(first).not.toEqual([LISTED]);
  });

  it("make a calibration that was interrupted the same one as a whole one", async () => {
    const calibrated = async (name: string, work?: string) => {
      const copy = join(folder, name);
      cpSync(PACK, copy, { recursive: true });
      await calibratePack({
        engine,
        files: FILES,
        base,
        folder: copy,
        prompts: { benign: BENIGN, harmful: [], sensitive: [] },
        length: TOKENS,
        ...(work !== undefined && { work }),
      });
      return readPack(copy);
    };
    const work = join(folder, "calibration");
    const whole = await calibrated("whole");
    const first = await calibrated("first", work);
    const before = linesOf(work);
    expect(before).toHaveLength(BENIGN.length);
    for (const name of readdirSync(work)) {
      const path = join(work, name);
      truncateSync(path, Math.floor(readFileSync(path).length * 0.6));
    }
    expect(linesOf(work).length).toBeLessThan(BENIGN.length);
    const second = await calibrated("second", work);
    expect(linesOf(work).map(keyOf).sort()).toEqual(before.map(keyOf).sort());
    expect(first.maxima).toEqual(whole.maxima);
    expect(second.maxima).toEqual(whole.maxima);
    expect(second.sha256).toBe(whole.sha256);
  });
});
