import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Tensor, writeSafetensors } from "@modx/tensors";
import { type Manifest, manifestSchema } from "./manifest.ts";
import {
  CARD_FILE,
  type ClassMaxima,
  GOLDEN_FILE,
  type Golden,
  MANIFEST_FILE,
  MAXIMA_FILE,
  maximaName,
  type PackReadout,
  ROWS_FILE,
  readingsName,
} from "./pack.ts";
import { replacePackFolder } from "./pack-folder.ts";

export interface PackContents {
  manifest: Omit<Manifest, "files" | "readouts" | "schema">;
  readouts: readonly PackReadout[];
  golden: Golden;
  /** One for each calibration, in any order; empty for a draft. */
  maxima: readonly ClassMaxima[];
  /** Markdown for people: what it detects, on what it was built, what it promises. */
  card: string;
}

/** Writes a pack into `folder`, which appears only when it is whole and replaces an older one. Throws MODX_PACK_FOLDER. */
export function writePack(folder: string, { manifest, readouts, golden, maxima, card }: PackContents): void {
  const rows = new Map<string, Tensor>();
  for (const readout of readouts) {
    const [first] = readout.rows;
    const width = first?.weights.length ?? 0;
    rows.set(`${readout.tap}.weights`, {
      dtype: "F32",
      shape: [readout.rows.length, width],
      data: Float32Array.from(readout.rows.flatMap((row) => [...row.weights])),
    });
    rows.set(`${readout.tap}.bias`, {
      dtype: "F32",
      shape: [readout.rows.length],
      data: Float32Array.from(readout.rows, (row) => row.bias),
    });
  }
  const count = golden.spread.length;
  const goldenTensors = new Map<string, Tensor>([
    ["tokens", { dtype: "I32", shape: [golden.tokens.length], data: golden.tokens }],
    ...golden.readings.map((data, identity): [string, Tensor] => [
      readingsName(identity),
      { dtype: "F32", shape: [golden.tokens.length, count], data },
    ]),
    ["spread", { dtype: "F32", shape: [count], data: golden.spread }],
  ]);
  const files: Record<string, Uint8Array> = {
    [ROWS_FILE]: writeSafetensors(rows),
    [GOLDEN_FILE]: writeSafetensors(goldenTensors),
    [MAXIMA_FILE]: writeSafetensors(
      new Map(
        maxima.map((one) => [
          maximaName(one.detector, one),
          { dtype: "F32", shape: [one.maxima.length], data: one.maxima },
        ]),
      ),
    ),
    [CARD_FILE]: Buffer.from(card),
  };
  const complete = manifestSchema.parse({
    schema: 1,
    ...manifest,
    readouts: readouts.map((readout) => ({ tap: readout.tap, rows: readout.rows.map((row) => row.name) })),
    files: Object.fromEntries(
      Object.entries(files).map(([name, bytes]) => [name, createHash("sha256").update(bytes).digest("hex")]),
    ),
  });
  replacePackFolder(folder, (unfinished) => {
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(unfinished, name), bytes);
    writeFileSync(join(unfinished, MANIFEST_FILE), `${JSON.stringify(complete, null, 2)}\n`);
  });
}
