import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Engine, openEngine } from "@modx/engine";
import { type RunningFiles, tapsOf } from "@modx/guard";
import { CARD_FILE, type Pack, type PackContents, readPack, writePack } from "@modx/pack";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { calibratePack } from "../src/build/calibrate-pack.ts";
import type { Prompt, PromptLabel } from "../src/prompts/prompt-file.ts";
import { marksOf } from "../src/prompts/seen-texts.ts";
import type { Traffic } from "../src/prompts/traffic.ts";
import { baseFiles } from "./base-files.ts";
import { LISTED } from "./listed-features.ts";

const PACK = fileURLToPath(new URL("../../../organisms/packs/default", import.meta.url));
const FILES: RunningFiles = { modelSha256: "0".repeat(64), adapters: [] };
const TOKENS = 10;

const prompts = (label: PromptLabel, texts: readonly string[]): Prompt[] =>
  texts.map((text, i) => ({ id: `${label}-${i}`, text, label, source: label }));
const traffic = (some: Partial<Traffic>): Traffic => ({ benign: [], harmful: [], sensitive: [], ...some });
const BENIGN = prompts(
  "benign",
  ["honey", "a haiku", "the river Ebro", "the blue sky", "chess", "a comet", "yeast", "the moon", "a sonnet"].map(
    (what) => `What is ${what}?`,
  ),
);
const SENSITIVE = prompts("sensitive", ["How do I kill a process?", "How do I shoot a portrait?"]);

/** What a pack says of itself, as it is written. */
function declared({
  manifest: { files: _, readouts: __, schema: ___, base, ...manifest },
}: Pack): PackContents["manifest"] {
  return { ...manifest, ...(base !== undefined && { base }) };
}

describe.skipIf(!existsSync(PACK))("calibrating a pack", () => {
  const root = mkdtempSync(join(tmpdir(), "modx-calibrate-again-"));
  let engine: Engine;
  let base: Engine;
  let made = 0;
  beforeAll(async () => {
    const taps = tapsOf([readPack(PACK)]);
    engine = await openEngine({ model: inject("modelFile"), taps, sequences: 2, contextTokens: 128 });
    base = await openEngine({ model: inject("modelFile"), taps, sequences: 1, contextTokens: 128 });
  });
  afterAll(async () => {
    await engine?.close();
    await base?.close();
    rmSync(root, { recursive: true });
  });

  /** A copy of the carried pack, which knows another model file than the one that runs here. */
  function copied(): string {
    const folder = join(root, `pack-${++made}`);
    cpSync(PACK, folder, { recursive: true });
    return folder;
  }

  /** The same with other contents. */
  function changed(change: (pack: Pack) => Partial<PackContents>): string {
    const folder = copied();
    const pack = readPack(folder);
    writePack(folder, { ...pack, manifest: declared(pack), card: "", ...change(pack) });
    return folder;
  }

  const listPack = (): string =>
    changed((pack) => ({ manifest: { ...declared(pack), detectors: [LISTED] }, maxima: [], seen: new Int32Array() }));

  const calibrate = (folder: string, some: Partial<Traffic>, more: object = {}) =>
    calibratePack({
      engine,
      files: FILES,
      base: { engine: base, files: baseFiles(readPack(PACK)) },
      folder,
      prompts: traffic(some),
      length: TOKENS,
      ...more,
    });

  const tooFew = (message: string) => ({ code: "MODX_LAB_TOO_FEW", message: expect.stringContaining(message) });

  it("needs a response: a model that refuses nothing, and prompts that do not fit, give none", async () => {
    const folder = copied();
    const before = readPack(folder).sha256;
    await expect(calibrate(folder, { harmful: prompts("harmful", ["What is tea?"]) })).rejects.toMatchObject(
      tooFew("refuses none"),
    );
    const long = prompts("benign", ["word ".repeat(600)]);
    await expect(calibrate(folder, { benign: long })).rejects.toMatchObject(tooFew("1 prompts are too long"));
    expect(readPack(folder).sha256).toBe(before);
  });

  it("on one class keeps the others of the same model, and puts the largest threshold in force", async () => {
    const folder = copied();
    await calibrate(folder, { benign: BENIGN.slice(0, 4), sensitive: SENSITIVE.slice(0, 1) });
    const before = readPack(folder);
    const own = ({ manifest, maxima }: Pack) => {
      const identity = manifest.identities.findIndex(({ modelSha256 }) => modelSha256 === FILES.modelSha256);
      const here = <T extends { identity: number }>(list: readonly T[]) =>
        list.filter((one) => one.identity === identity);
      return { calibrations: here(manifest.detectors[0]?.calibrations ?? []), maxima: here(maxima) };
    };
    const { remarks } = await calibrate(folder, { sensitive: SENSITIVE });
    const after = readPack(folder);
    expect(own(after).calibrations.map(({ traffic, n }) => [traffic, n])).toEqual([
      ["benign", 4],
      ["sensitive", 2],
    ]);
    expect(own(after).maxima[0]).toEqual(own(before).maxima[0]);
    expect(own(after).calibrations[0]).toMatchObject({
      threshold: own(before).calibrations[0]?.threshold,
      farStated: own(before).calibrations[0]?.farStated,
    });
    expect(remarks.join()).toMatch(/what 4 benign responses promised before is kept/);
    expect(readFileSync(join(folder, CARD_FILE), "utf8")).toMatch(/is kept/);
    // what it promised on the models that it was carried for stays too
    const others = (pack: Pack) => pack.manifest.detectors[0]?.calibrations.slice(0, -2);
    expect(others(after)).toEqual(readPack(PACK).manifest.detectors[0]?.calibrations);

    const start = vi.spyOn(engine, "start");
    await expect(calibrate(folder, { sensitive: SENSITIVE }, { length: 12 })).rejects.toMatchObject({
      code: "MODX_USAGE",
      message: expect.stringContaining("-n 10"),
    });
    expect(start).not.toHaveBeenCalled();
    start.mockRestore();
    await calibrate(folder, { benign: BENIGN.slice(0, 2), sensitive: SENSITIVE }, { length: 12 });
    expect(own(readPack(folder)).calibrations.map(({ length }) => length)).toEqual([12, 12]);
  });

  it("leaves out what the pack has seen, and says how much", async () => {
    const folder = changed(() => ({ seen: marksOf(["what is HONEY", "What is chess?", "elsewhere"]) }));
    const onSeen = vi.fn();
    await calibrate(folder, { benign: BENIGN }, { onSeen });
    expect(onSeen.mock.calls).toEqual([[2]]);
    const pack = readPack(folder);
    expect(pack.manifest.detectors[0]?.calibrations.at(-1)?.n).toBe(BENIGN.length - 2);
    expect(pack.seen).toHaveLength(3);
    await expect(calibrate(folder, { benign: BENIGN.slice(0, 1) })).rejects.toMatchObject(tooFew("seen before"));
  });

  it("never calibrates on what listed features were measured on, also later", async () => {
    const folder = listPack();
    const onSeen = vi.fn();
    await calibrate(folder, { benign: BENIGN }, { onSeen });
    expect(onSeen).not.toHaveBeenCalled();
    const [first] = readPack(folder).manifest.detectors[0]?.calibrations ?? [];
    const seen = BENIGN.length - (first?.n ?? 0);
    expect(seen).toBeGreaterThan(0);
    expect(readPack(folder).seen).toHaveLength(seen);
    await calibrate(folder, { benign: BENIGN }, { onSeen });
    expect(onSeen.mock.calls).toEqual([[seen]]);
    expect(readPack(folder).manifest.detectors[0]?.calibrations).toEqual([first]);
  });

  it("knows before anything is answered what is left to promise on when listed features are measured", async () => {
    const folder = listPack();
    const start = vi.spyOn(engine, "start");
    const promise = { rates: { benign: 0.1, refused: 0.1, sensitive: 0.1 }, confidence: 0.55 };
    // eight are enough, and nine are given
    await expect(calibrate(folder, { benign: BENIGN }, promise)).rejects.toMatchObject(tooFew("it takes 8"));
    await expect(calibrate(folder, { benign: BENIGN.slice(0, 1) })).rejects.toMatchObject(tooFew("1 benign prompts"));
    await expect(calibrate(folder, { sensitive: SENSITIVE })).rejects.toMatchObject({ code: "MODX_USAGE_PROMPTS" });
    expect(start).not.toHaveBeenCalled();
    start.mockRestore();
  });
});
