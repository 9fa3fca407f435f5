import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { fitOf, fitOn } from "./fit/fit.ts";
import type { Identity } from "./format/manifest.ts";
import { SEEN_FILE } from "./format/pack.ts";
import { copyPack, packNameOf } from "./format/pack-folder.ts";
import { readPack } from "./format/read-pack.ts";
import { writePack } from "./format/write-pack.ts";
import { GOLDEN_TOLERANCE, goldenError } from "./golden/compare.ts";
import { CONTENTS, HASH, IDENTITY } from "./testing/example.ts";

const root = mkdtempSync(join(tmpdir(), "modx-pack-"));
const folder = join(root, "example");
beforeEach(() => writePack(folder, CONTENTS));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function edit(change: (manifest: Record<string, unknown>) => void): void {
  const path = join(folder, "pack.json");
  const manifest = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  change(manifest);
  writeFileSync(path, JSON.stringify(manifest));
}

/** In the text, which may say what no number is. */
function rewrite(from: string, to: string): void {
  const path = join(folder, "pack.json");
  const text = readFileSync(path, "utf8");
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
}

describe("a pack", () => {
  it("is read as it was written, and written the same twice", () => {
    const pack = readPack(folder);
    expect(pack.readouts).toEqual(CONTENTS.readouts);
    expect(pack.golden).toEqual(CONTENTS.golden);
    expect(pack.maxima).toEqual(CONTENTS.maxima);
    expect(pack.seen).toEqual(CONTENTS.seen);
    expect(pack.manifest).toMatchObject(CONTENTS.manifest);
    const other = join(root, "other");
    writePack(other, CONTENTS);
    expect(readPack(other).sha256).toBe(pack.sha256);
  });

  it("says what it has seen, each text once; one that does not say has seen nothing", () => {
    const other = join(root, "other");
    writePack(other, { ...CONTENTS, seen: Int32Array.of(5, -1, 5) });
    expect(readPack(other).seen).toEqual(Int32Array.of(-1, 5));
    const { seen: _, ...silent } = CONTENTS;
    writePack(other, silent);
    const pack = readPack(other);
    expect(pack.seen).toEqual(new Int32Array());
    expect(Object.keys(pack.manifest.files)).not.toContain(SEEN_FILE);
  });

  it("is called like its folder, whose name is checked before anything long is done", () => {
    expect(packNameOf("some/where/my-pack_2.0/")).toBe("my-pack_2.0");
    for (const folder of ["some/My Pack", "/", "some/.hidden", `some/${"x".repeat(65)}`])
      expect(() => packNameOf(folder)).toThrow(expect.objectContaining({ code: "MODX_PACK_FOLDER" }));
  });

  it("replaces an older pack, and nothing else", () => {
    const precious = join(root, "precious");
    mkdirSync(precious);
    writeFileSync(join(precious, "thesis.tex"), "years of work");
    const refused = (): void => {
      for (const write of [() => writePack(precious, CONTENTS), () => copyPack(folder, precious)])
        expect(write).toThrow(expect.objectContaining({ code: "MODX_PACK_FOLDER" }));
    };
    refused();
    writeFileSync(join(precious, "pack.json"), '{"my":"project"}');
    refused();
    rmSync(join(precious, "thesis.tex"));
    refused();
    cpSync(folder, precious, { recursive: true });
    writeFileSync(join(precious, "thesis.tex"), "years of work");
    refused();
    expect(readFileSync(join(precious, "thesis.tex"), "utf8")).toBe("years of work");
    writePack(`${join(root, "slashed")}/`, CONTENTS);
    writePack(`${join(root, "slashed")}/`, { ...CONTENTS, card: "# Newer\n" });
    expect(readPack(join(root, "slashed")).sha256).not.toBe(readPack(folder).sha256);
    expect(() => writePack(join(folder, "card.md", "pack"), CONTENTS)).toThrow(
      expect.objectContaining({ code: "MODX_PACK_FOLDER" }),
    );
    const older = join(root, "older");
    writePack(older, { ...CONTENTS, card: "# Older\n" });
    copyPack(folder, older);
    expect(readPack(older).sha256).toBe(readPack(folder).sha256);
    expect(readdirSync(root).filter((name) => name.includes("unfinished"))).toEqual([]);
  });

  it("is missing where there is none", () => {
    expect(() => readPack(join(root, "nowhere"))).toThrow(expect.objectContaining({ code: "MODX_PACK_MISSING" }));
  });

  it("that is there and cannot be read says why", () => {
    const looped = join(root, "looped");
    mkdirSync(looped);
    symlinkSync("pack.json", join(looped, "pack.json"));
    expect(() => readPack(looped)).toThrow(
      expect.objectContaining({ code: "MODX_PACK_MISSING", what: expect.stringContaining("ELOOP") }),
    );
  });

  it("of another schema is refused as such", () => {
    edit((manifest) => {
      manifest["schema"] = 2;
    });
    expect(() => readPack(folder)).toThrow(expect.objectContaining({ code: "MODX_PACK_SCHEMA" }));
  });

  it.each([
    ['"version":1', '"version":2', "joined-terms, version 2"],
    ['"joined-terms"', '"wavelets"', "no such"],
  ])("whose detector another modx wrote is refused as such: not %s but %s", (from, to, what) => {
    edit((manifest) => replace(manifest, from, to));
    expect(() => readPack(folder)).toThrow(
      expect.objectContaining({ code: "MODX_PACK_SCHEMA", what: expect.stringContaining(what) }),
    );
  });

  it.each<[string, () => void]>([
    ["whose rows were exchanged", () => cpSync(join(folder, "golden.safetensors"), join(folder, "rows.safetensors"))],
    ["whose file is gone", () => rmSync(join(folder, "rows.safetensors"))],
    ["that is no JSON", () => writeFileSync(join(folder, "pack.json"), "{")],
    ["with an unknown key", () => edit((manifest) => Object.assign(manifest, { extra: 1 }))],
    [
      "that names a file outside",
      () => edit((manifest) => Object.assign(manifest["files"] as object, { "../x": HASH })),
    ],
    [
      "whose detector reads a row that is not there",
      () => edit((manifest) => replace(manifest, '"row":"harm"', '"row":"other"')),
    ],
    [
      "that has a detector twice",
      () => edit(({ detectors }) => (detectors as unknown[]).push((detectors as unknown[])[0])),
    ],
    [
      "that waits for more tokens than its window has",
      () => edit((manifest) => replace(manifest, '"width":8,"minimum":2', '"width":8,"minimum":9')),
    ],
    [
      "that waits for more tokens than it is calibrated for",
      () => edit((manifest) => replace(manifest, '"width":8,"minimum":2', '"width":512,"minimum":512')),
    ],
    [
      "whose weight makes an infinite score",
      () => edit((manifest) => replace(manifest, '"weight":1', '"weight":1e300')),
    ],
    ["whose weight is infinite", () => rewrite('"weight": 1', '"weight": 1e999')],
    ["whose window no memory holds", () => edit((manifest) => replace(manifest, '"width":8', '"width":1099511627776'))],
    [
      "whose thresholds are above everything that was measured",
      () => edit((manifest) => replace(manifest, '"threshold":2', '"threshold":1e300')),
    ],
    [
      "whose rate is not what was measured",
      () => edit((manifest) => replace(manifest, '"farInForce":0.009', '"farInForce":0.001')),
    ],
    [
      "whose threshold is below what its calibration asks",
      () => edit((manifest) => replace(manifest, '"threshold":2,"calibrations"', '"threshold":1,"calibrations"')),
    ],
    [
      "whose threshold is above what its calibration asks",
      () => edit((manifest) => replace(manifest, '"threshold":2,"calibrations"', '"threshold":3,"calibrations"')),
    ],
    [
      "whose threshold is no number",
      () => edit((manifest) => replace(manifest, '"threshold":2', '"threshold":"high"')),
    ],
    ["that does not say for which model it is", () => edit((manifest) => Object.assign(manifest, { identities: [] }))],
    ["with a tap outside its model", () => edit((manifest) => replace(manifest, "blocks.2.hook", "blocks.9.hook"))],
  ])("%s is refused as damaged", (_, damage) => {
    damage();
    expect(() => readPack(folder)).toThrow(expect.objectContaining({ code: "MODX_PACK_DAMAGED" }));
  });
});

function replace(manifest: Record<string, unknown>, from: string, to: string): void {
  const text = JSON.stringify(manifest);
  expect(text).toContain(from);
  Object.assign(manifest, JSON.parse(text.replaceAll(from, to)));
}

describe("fit", () => {
  const manifest = () => readPack(folder).manifest;
  it("is calibrated for what the pack was calibrated on", () => {
    expect(fitOf(manifest(), IDENTITY)).toEqual({
      level: "calibrated",
      reasons: [],
      identity: 0,
      same: true,
    });
  });

  it("is uncalibrated on a model that it was made on and never calibrated on, a draft's too", () => {
    const { identities, detectors } = manifest();
    const calibrations = detectors[0]?.calibrations.map((one) => ({ ...one, identity: 1 })) ?? [];
    const other = { ...IDENTITY, modelSha256: "1".repeat(64) };
    const moved = {
      ...manifest(),
      identities: [...identities, other],
      detectors: detectors.map((one) => ({ ...one, calibrations })),
    };
    expect(fitOf(moved, IDENTITY)).toMatchObject({ level: "uncalibrated", identity: 0, same: true });
    expect(fitOf(moved, other)).toMatchObject({ level: "calibrated", identity: 1 });
    const draft = { ...manifest(), detectors: detectors.map((one) => ({ ...one, threshold: null, calibrations: [] })) };
    expect(fitOf(draft, IDENTITY)).toMatchObject({
      level: "uncalibrated",
      reasons: ["it was not calibrated on this model"],
      same: true,
    });
  });

  it("is uncalibrated where nothing is promised for benign requests", () => {
    const { detectors } = manifest();
    const refusedOnly = {
      ...manifest(),
      detectors: detectors.map((one) => ({
        ...one,
        calibrations: one.calibrations.map((calibration) => ({ ...calibration, traffic: "refused" as const })),
      })),
    };
    expect(fitOf(refusedOnly, IDENTITY)).toMatchObject({
      level: "uncalibrated",
      reasons: ["it was not calibrated on benign requests to this model"],
    });
  });

  it("is uncalibrated, and no other with one conversation, where it has run on no model yet", () => {
    const unseen = { ...manifest(), identities: [], madeFor: { model: null, width: IDENTITY.width } };
    expect(fitOf(unseen, IDENTITY)).toMatchObject({ level: "uncalibrated", identity: 0, same: false });
    expect(fitOn(unseen, 0, { ...IDENTITY, systemHash: HASH })).toEqual(fitOf(unseen, IDENTITY));
    expect(fitOn(unseen, 0, { ...IDENTITY, width: 4 }).level).toBe("incompatible");
  });

  it("is with the model that is least different, and one that it cannot run on is further than any other", () => {
    const { identities } = manifest();
    const wide = { ...IDENTITY, width: 4 };
    const other = { ...IDENTITY, modelSha256: "1".repeat(64), quantisation: "Q8_0", kvType: "f16" };
    expect(fitOf({ ...manifest(), identities: [wide, ...identities] }, other)).toMatchObject({
      level: "uncalibrated",
      identity: 1,
    });
  });

  it.each<[string, Partial<Identity>]>([
    ["another adapter", { adapters: [] }],
    ["another scale", { adapters: [{ sha256: HASH, scale: 0.5 }] }],
    ["another file", { modelSha256: "1".repeat(64) }],
    ["another template", { templateHash: null }],
    ["a system message", { systemHash: HASH }],
    ["another quantisation", { quantisation: "Q8_0" }],
    ["another KV type", { kvType: "f16" }],
    ["another engine", { engineVersion: "0.6.0" }],
  ])("is uncalibrated with %s", (_, change) => {
    const fit = fitOf(manifest(), { ...IDENTITY, ...change });
    expect(fit.level).toBe("uncalibrated");
    expect(fit.reasons).toHaveLength(1);
  });

  it.each<[string, Partial<Identity>]>([
    ["width", { width: 4 }],
    ["depth", { layers: 5 }],
    ["architecture", { architecture: "qwen3" }],
    ["tokenizer", { tokenizerHash: "1".repeat(64) }],
  ])("is incompatible with another %s", (_, change) => {
    expect(fitOf(manifest(), { ...IDENTITY, ...change }).level).toBe("incompatible");
  });
});

describe("golden readings", () => {
  const { golden } = CONTENTS;
  const [readings = new Float32Array()] = golden.readings;
  it("allow what another processor moves, and not another row", () => {
    const near = readings.map((value) => value + 0.01);
    expect(goldenError(golden, 0, near)).toBeLessThan(GOLDEN_TOLERANCE);
    const far = readings.map((value) => value * 1.5);
    expect(goldenError(golden, 0, far)).toBeGreaterThan(GOLDEN_TOLERANCE);
    expect(goldenError(golden, 0, new Float32Array(3))).toBe(Number.POSITIVE_INFINITY);
    expect(
      goldenError(
        golden,
        0,
        readings.map(() => Number.NaN),
      ),
    ).toBe(Number.POSITIVE_INFINITY);
  });
});
