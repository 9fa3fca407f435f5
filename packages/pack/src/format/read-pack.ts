import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ModxError } from "@modx/errors";
import { readSafetensors, type Tensor } from "@modx/tensors";
import { type Manifest, manifestSchema, PACK_SCHEMA } from "./manifest.ts";
import {
  BASE_PREFIX,
  GOLDEN_FILE,
  MANIFEST_FILE,
  MAXIMA_FILE,
  maximaName,
  type Pack,
  type PackReadout,
  ROWS_FILE,
  readingsName,
} from "./pack.ts";

/** Reads and validates a pack. Throws MODX_PACK_MISSING, MODX_PACK_DAMAGED or MODX_PACK_SCHEMA. */
export function readPack(folder: string): Pack {
  const text = readText(folder);
  const manifest = parseManifest(text, folder);
  for (const [file, expected] of Object.entries(manifest.files)) {
    if (file !== file.replace(/[^a-z0-9._-]/gi, "") || file.startsWith("."))
      throw damaged(folder, `it names a file "${file}" outside its folder`);
    const actual = createHash("sha256").update(readBytes(folder, file)).digest("hex");
    if (actual !== expected) throw damaged(folder, `${file} is not the file that the pack was made with`);
  }
  for (const file of [ROWS_FILE, GOLDEN_FILE])
    if (!(file in manifest.files)) throw damaged(folder, `${file} is not listed`);
  const rows = readSafetensors(readBytes(folder, ROWS_FILE), join(folder, ROWS_FILE));
  const golden = readSafetensors(readBytes(folder, GOLDEN_FILE), join(folder, GOLDEN_FILE));
  const { width } = identityOf(manifest);
  const readoutsOf = (declared: Manifest["readouts"], prefix: string): PackReadout[] =>
    declared.map(({ tap, rows: names }) => {
      const weights = tensor(folder, rows, `${prefix}${tap}.weights`, [names.length, width]);
      const bias = tensor(folder, rows, `${prefix}${tap}.bias`, [names.length]);
      return {
        tap,
        rows: names.map((name, index) => ({
          name,
          weights: weights.slice(index * width, (index + 1) * width),
          bias: bias[index] ?? 0,
        })),
      };
    });
  const readouts = readoutsOf(manifest.readouts, "");
  const count = manifest.readouts.reduce((sum, readout) => sum + readout.rows.length, 0);
  const tokens = golden.get("tokens");
  if (!(tokens?.data instanceof Int32Array)) throw damaged(folder, "the golden readings have no tokens");
  const maxima = readSafetensors(readBytes(folder, MAXIMA_FILE), join(folder, MAXIMA_FILE));
  const pack: Pack = {
    manifest,
    maxima: manifest.detectors.flatMap((detector) =>
      detector.calibrations.map(({ traffic, identity, length, sources, n }) => ({
        detector: detector.name,
        traffic,
        identity,
        length,
        sources,
        maxima: tensor(folder, maxima, maximaName(detector.name, { traffic, identity }), [n], true),
      })),
    ),
    readouts,
    baseReadouts: readoutsOf(manifest.base?.readouts ?? [], BASE_PREFIX),
    golden: {
      tokens: tokens.data,
      readings: manifest.identities.map((_, identity) =>
        tensor(folder, golden, readingsName(identity), [tokens.data.length, count], true),
      ),
      spread: tensor(folder, golden, "spread", [count]),
    },
    sha256: createHash("sha256").update(text).digest("hex"),
  };
  checkReferences(folder, manifest);
  return pack;
}

function readText(folder: string): string {
  try {
    return readFileSync(join(folder, MANIFEST_FILE), "utf8");
  } catch (cause) {
    throw new ModxError("MODX_PACK_MISSING", {
      what: `There is no pack in ${folder} (no readable ${MANIFEST_FILE}).`,
      remedy: "Give the folder of a pack with --pack, or make one with: modx build",
      cause,
    });
  }
}

function readBytes(folder: string, file: string): Uint8Array {
  try {
    return readFileSync(join(folder, file));
  } catch {
    throw damaged(folder, `${file} is missing`);
  }
}

function parseManifest(text: string, folder: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw damaged(folder, `${MANIFEST_FILE} is not JSON`);
  }
  const schema = typeof json === "object" && json !== null && "schema" in json ? json.schema : undefined;
  if (schema !== PACK_SCHEMA) {
    throw new ModxError("MODX_PACK_SCHEMA", {
      what: `The pack in ${folder} has schema ${String(schema)}; this modx reads ${PACK_SCHEMA}.`,
      remedy: "Use the version of modx that wrote it, or build it again.",
    });
  }
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw damaged(folder, `${MANIFEST_FILE} at ${issue?.path.join(".") || "its top"}: ${issue?.message}`);
}

function tensor(
  folder: string,
  tensors: Map<string, Tensor>,
  name: string,
  shape: number[],
  nan = false,
): Float32Array {
  const found = tensors.get(name);
  if (!(found?.data instanceof Float32Array) || found.shape.join() !== shape.join()) {
    throw damaged(folder, `the tensor ${name} is missing or does not have the shape [${shape}]`);
  }
  if (!nan && !found.data.every(Number.isFinite))
    throw damaged(folder, `the tensor ${name} holds a value that is not finite`);
  return found.data;
}

/** References inside the manifest that the schema cannot express. */
function checkReferences(folder: string, manifest: Manifest): void {
  const rows = new Set(manifest.readouts.flatMap((readout) => readout.rows));
  const baseRows = new Set(manifest.base?.readouts.flatMap((readout) => readout.rows));
  if (manifest.base !== undefined && manifest.base.identity.width !== identityOf(manifest).width)
    throw damaged(folder, "its base has another width than its model");
  for (const readout of [...manifest.readouts, ...(manifest.base?.readouts ?? [])]) {
    if (Number(readout.tap.split(".")[1]) >= identityOf(manifest).layers)
      throw damaged(folder, `the tap ${readout.tap} is outside its model`);
  }
  for (const detector of manifest.detectors) {
    const parts = detector.algorithm === "joined-terms" ? detector.terms : detector.features;
    for (const part of parts) {
      const known = "over" in part && part.over === "base-last-prompt" ? baseRows : rows;
      if (!known.has(part.row))
        throw damaged(folder, `the detector ${detector.name} reads a row "${part.row}" that is not there`);
    }
    if (detector.threshold !== null && detector.calibrations.length === 0)
      throw damaged(folder, `the threshold of ${detector.name} comes from no calibration`);
    for (const calibration of detector.calibrations) {
      if (manifest.identities[calibration.identity] === undefined)
        throw damaged(folder, "a calibration names a model that is not listed");
    }
    // what is in force is read off the calibrations; another number here would be ignored in silence
    const needed = Math.max(...detector.calibrations.map(({ threshold }) => threshold));
    if (detector.calibrations.length > 0 && detector.threshold !== needed)
      throw damaged(folder, `the threshold of ${detector.name} is not the largest that its traffic needs`);
  }
}

function identityOf(manifest: Manifest): Manifest["identities"][number] {
  const [identity] = manifest.identities;
  if (identity === undefined) throw new TypeError("a manifest has at least one identity");
  return identity;
}

function damaged(folder: string, why: string): ModxError {
  return new ModxError("MODX_PACK_DAMAGED", {
    what: `The pack in ${folder} cannot be used: ${why}.`,
    remedy: "Get or build it again.",
  });
}
