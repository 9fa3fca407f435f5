import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DetectorSpec, type PackReadout, readPack, writePack } from "@modx/pack";
import { afterAll } from "vitest";
import { CONTENTS, IDENTITY } from "../../pack/src/testing/example.ts";
import { createDetector } from "../src/detector/create-detector.ts";
import type { Subject } from "../src/detector/detector.conformance.ts";
import { indexRows } from "../src/detector/rows.ts";

const root = mkdtempSync(join(tmpdir(), "modx-detector-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A detector of a pack: its written form is the pack's `pack.json`, read as every pack is. A row that is named twice is carried by two taps. */
export function inPack(drafted: DetectorSpec, rows: readonly string[], baseRows: readonly string[] = []): Subject {
  const spec = calibrated(drafted);
  const folder = join(mkdtempSync(join(root, "pack-")), "example");
  const manifest = join(folder, "pack.json");
  return {
    create: () => createDetector(spec, indexRows(rows), indexRows(baseRows)),
    write: () => {
      writePack(folder, {
        ...CONTENTS,
        manifest: {
          ...CONTENTS.manifest,
          detectors: [spec],
          ...(baseRows.length > 0 && { base: { identity: IDENTITY } }),
        },
        readouts: readoutsOf(rows),
        baseReadouts: readoutsOf(baseRows),
        golden: {
          tokens: Int32Array.of(5, 6),
          readings: [new Float32Array(2 * rows.length).fill(Number.NaN, 0, rows.length)],
          spread: new Float32Array(rows.length).fill(1),
        },
        maxima: [{ detector: spec.name, traffic: "benign", identity: 0, length: 128, sources: [], maxima: MAXIMA }],
      });
      return readFileSync(manifest, "utf8");
    },
    read: (text) => {
      writeFileSync(manifest, text);
      const pack = readPack(folder);
      const [found] = pack.manifest.detectors;
      if (found === undefined) throw new Error("no detector");
      const names = (readouts: readonly PackReadout[]): string[] =>
        readouts.flatMap((readout) => readout.rows.map(({ name }) => name));
      return createDetector(found, indexRows(names(pack.readouts)), indexRows(names(pack.baseReadouts)));
    },
    rows: rows.length,
    baseRows: baseRows.length,
  };
}

/** One response of a hundred is above the threshold. */
const THRESHOLD = 1;
const MAXIMA = new Float32Array(100).fill(THRESHOLD, 0, 99).fill(THRESHOLD + 1, 99);

function calibrated(spec: DetectorSpec): DetectorSpec {
  return {
    ...spec,
    threshold: THRESHOLD,
    calibrations: [
      {
        traffic: "benign",
        description: "",
        sources: [],
        identity: 0,
        n: MAXIMA.length,
        farStated: 0.02,
        threshold: THRESHOLD,
        farBound95: 0.05,
        farInForce: 0.01,
        length: 128,
      },
    ],
  };
}

/** The rows of one tap after another, in their order: where a name comes again, the next tap begins. */
function readoutsOf(names: readonly string[]): PackReadout[] {
  const readouts: PackReadout[] = [];
  for (const name of names) {
    const row = { name, weights: new Float32Array(IDENTITY.width), bias: 0 };
    const last = readouts.at(-1);
    if (last === undefined || last.rows.some((other) => other.name === name))
      readouts.push({ tap: `blocks.${readouts.length}.hook_resid_post`, rows: [row] });
    else last.rows.push(row);
  }
  return readouts;
}
