import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Tensor, writeSafetensors } from "@modx/tensors";
import { checkReferences } from "./check-references.ts";
import { type Manifest, manifestSchema, PACK_SCHEMA } from "./manifest.ts";
import {
  BASE_PREFIX,
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
  SEEN_FILE,
} from "./pack.ts";
import { replacePackFolder } from "./pack-folder.ts";
import { type Unresolved, unresolvedSchema } from "./unresolved.ts";

export interface PackContents {
  manifest: Omit<Manifest, "files" | "readouts" | "schema" | "base"> & {
    base?: Pick<NonNullable<Manifest["base"]>, "identity">;
  };
  readouts: readonly PackReadout[];
  /** With the manifest's `base.identity`. */
  baseReadouts?: readonly PackReadout[];
  golden: Golden;
  /** One for each calibration, in any order; empty for a draft. */
  maxima: readonly ClassMaxima[];
  /** Marks of the texts that it was trained on or that its features were measured on; none when absent. */
  seen?: Int32Array;
  /** Markdown for people: what it detects, on what it was built, what it promises. */
  card: string;
}

/** Writes a pack into `folder`, which appears only when it is whole and replaces an older one. Throws MODX_PACK_FOLDER. */
export function writePack(folder: string, contents: PackContents): void {
  const { manifest, readouts, baseReadouts = [], golden, maxima, seen, card } = contents;
  const rows = new Map<string, Tensor>([...rowTensors(readouts, ""), ...rowTensors(baseReadouts, BASE_PREFIX)]);
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
    ...(seen !== undefined && seen.length > 0 && { [SEEN_FILE]: seenFile(seen) }),
    [CARD_FILE]: Buffer.from(card),
  };
  writeFiles(folder, files, (hashes) => {
    const whole = manifestSchema.parse({
      schema: PACK_SCHEMA,
      ...manifest,
      readouts: namesOf(readouts),
      ...(manifest.base !== undefined && { base: { ...manifest.base, readouts: namesOf(baseReadouts) } }),
      files: hashes,
    });
    checkReferences(folder, whole);
    return whole;
  });
}

export interface UnresolvedContents {
  manifest: Omit<Unresolved, "schema" | "unresolved" | "files">;
  card: string;
}

/** Writes a pack that names features and holds no rows. Throws MODX_PACK_FOLDER. */
export function writeUnresolved(folder: string, { manifest, card }: UnresolvedContents): void {
  writeFiles(folder, { [CARD_FILE]: Buffer.from(card) }, (hashes) =>
    unresolvedSchema.parse({ schema: PACK_SCHEMA, unresolved: true, ...manifest, files: hashes }),
  );
}

function writeFiles(
  folder: string,
  files: Readonly<Record<string, Uint8Array>>,
  complete: (hashes: Record<string, string>) => Manifest | Unresolved,
): void {
  const manifest = complete(
    Object.fromEntries(
      Object.entries(files).map(([name, bytes]) => [name, createHash("sha256").update(bytes).digest("hex")]),
    ),
  );
  replacePackFolder(folder, (unfinished) => {
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(unfinished, name), bytes);
    writeFileSync(join(unfinished, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
  });
}

/** The same marks make the same file. */
function seenFile(marks: Int32Array): Uint8Array {
  const data = Int32Array.from(new Set(marks)).sort();
  return writeSafetensors(new Map([["texts", { dtype: "I32", shape: [data.length], data }]]));
}

function rowTensors(readouts: readonly PackReadout[], prefix: string): [string, Tensor][] {
  return readouts.flatMap(({ tap, rows }): [string, Tensor][] => {
    const width = rows[0]?.weights.length ?? 0;
    const weights = new Float32Array(rows.length * width);
    for (const [index, row] of rows.entries()) weights.set(row.weights, index * width);
    return [
      [`${prefix}${tap}.weights`, { dtype: "F32", shape: [rows.length, width], data: weights }],
      [
        `${prefix}${tap}.bias`,
        { dtype: "F32", shape: [rows.length], data: Float32Array.from(rows, ({ bias }) => bias) },
      ],
    ];
  });
}

function namesOf(readouts: readonly PackReadout[]): Manifest["readouts"] {
  return readouts.map(({ tap, rows }) => ({ tap, rows: rows.map(({ name }) => name) }));
}
