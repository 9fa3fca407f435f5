import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { readAnyPack } from "../format/read-pack.ts";
import { type PackContents, writePack, writeUnresolved } from "../format/write-pack.ts";
import { CONTENTS } from "../testing/example.ts";
import { diffPacks } from "./diff.ts";

const root = mkdtempSync(join(tmpdir(), "modx-diff-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function packOf(change: (contents: PackContents) => void = () => {}) {
  const contents = structuredClone(CONTENTS) as PackContents;
  change(contents);
  writePack(join(root, "pack"), contents);
  return readAnyPack(join(root, "pack"));
}
const before = packOf();

it("finds nothing between a pack and itself", () => {
  expect(diffPacks(before, packOf())).toEqual([]);
});

it("names a value that was changed, by where it stands", () => {
  const after = packOf(({ manifest }) => {
    const [detector] = manifest.detectors;
    const [calibration] = detector?.calibrations ?? [];
    if (detector === undefined || calibration === undefined) throw new Error("no detector");
    detector.threshold = 2.25;
    calibration.threshold = 2.25;
  });
  expect(diffPacks(before, after)).toEqual([
    { what: "detectors compliance threshold", before: "2", after: "2.25" },
    { what: "detectors compliance calibrations benign on model 1 threshold", before: "2", after: "2.25" },
  ]);
});

it("compares rows number by number", () => {
  const after = packOf(({ readouts }) => readouts[1]?.rows[0]?.weights.set([4, 5, -6]));
  expect(diffPacks(before, after)).toEqual([
    {
      what: "row blocks.2.hook_resid_post harm",
      before: "length 8.7750, bias 0.0000",
      after: "length 8.7750, bias 0.0000, cosine 0.0649",
    },
  ]);
});

it("tells an added row and term from changed ones", () => {
  const after = packOf(({ readouts, manifest, golden }) => {
    readouts[0]?.rows.unshift({ name: "first", weights: Float32Array.of(1, 0, 0), bias: 0 });
    golden.spread = Float32Array.of(1, 1, 2, 3);
    golden.readings = [Float32Array.from({ length: 8 }, (_, i) => (i < 4 ? Number.NaN : 0))];
    const [detector] = manifest.detectors;
    if (detector?.algorithm !== "joined-terms") throw new Error("another detector");
    const [term] = detector.terms;
    if (term !== undefined) detector.terms.unshift({ ...term, name: "added", row: "first", weight: -1 });
  });
  const found = diffPacks(before, after).filter(({ what }) => !what.startsWith("files"));
  expect(found.every(({ before }) => before === null)).toBe(true);
  expect(found.map(({ what }) => what)).toContain("readouts blocks.1.hook_resid_post rows first");
  expect(found.map(({ what }) => what)).toContain("detectors compliance terms added weight");
});

it("tells apart what goes by the same name", () => {
  const labels = (by: string) => [
    { what: "all", by },
    { what: "all", by: "a person" },
  ];
  const [old, young] = ["a rule", "a model"].map((by) => packOf(({ manifest }) => (manifest.labels = labels(by))));
  if (old === undefined || young === undefined) throw new Error("no packs");
  expect(diffPacks(old, young)).toEqual([{ what: "labels all by", before: '"a rule"', after: '"a model"' }]);
});

it("compares lists whose rows are not there yet", () => {
  const listOf = (features: { index: number; label: string }[]) => {
    writeUnresolved(join(root, "list"), {
      manifest: { name: "list", description: "", sources: [{ sae: "m/3-res", features }], labels: [], provenance: {} },
      card: "",
    });
    return readAnyPack(join(root, "list"));
  };
  const [bombs, theft] = [
    { index: 7, label: "bombs" },
    { index: 12, label: "theft" },
  ];
  expect(diffPacks(listOf([bombs]), listOf([{ ...bombs, label: "explosives" }, theft]))).toEqual([
    { what: "sources m/3-res features 7 label", before: '"bombs"', after: '"explosives"' },
    { what: "sources m/3-res features 12 index", before: null, after: "12" },
    { what: "sources m/3-res features 12 label", before: null, after: '"theft"' },
  ]);
});
