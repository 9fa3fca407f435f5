import { createHash } from "node:crypto";
import { ModxError } from "@modx/errors";
import { readSafetensors, type Tensor } from "@modx/tensors";
import { checkSignature, checkTrusted, type Signature } from "../sign/signature.ts";
import { checkCalibrations } from "./check-calibrations.ts";
import { checkReferences } from "./check-references.ts";
import { damaged } from "./damaged.ts";
import type { Manifest } from "./manifest.ts";
import {
  BASE_PREFIX,
  GOLDEN_FILE,
  type Golden,
  MAXIMA_FILE,
  maximaName,
  type Pack,
  type PackReadout,
  ROWS_FILE,
  readingsName,
  SEEN_FILE,
} from "./pack.ts";
import { filesOf, type PackFiles } from "./pack-files.ts";
import { isUnresolved, type ReadManifest, readManifest } from "./read-manifest.ts";
import type { Unresolved } from "./unresolved.ts";

/** A pack of features whose rows it does not hold yet. */
export interface UnresolvedPack {
  manifest: Unresolved;
  /** sha256 of `pack.json`. */
  sha256: string;
  signature: Signature | null;
}

/** Whether a pack holds its rows, and not their names alone. */
export function isResolved(pack: Pack | UnresolvedPack): pack is Pack {
  return "readouts" in pack;
}

/**
 * Reads and validates a pack, which has to be signed with one of the `trusted` keys where those are given. Throws MODX_PACK_MISSING, MODX_PACK_DAMAGED, MODX_PACK_SCHEMA, MODX_PACK_SIGNATURE, and MODX_PACK_UNRESOLVED
 * where it holds no rows yet.
 */
export function readPack(folder: string, trusted?: readonly string[]): Pack {
  const read = readAnyPack(folder, trusted);
  if (isResolved(read)) return read;
  throw new ModxError("MODX_PACK_UNRESOLVED", {
    what: `The pack in ${folder} names features and holds no rows yet, so it monitors nothing.`,
    remedy: "Fetch them from the autoencoder with: modx pack resolve",
  });
}

/** Reads a pack, whether it holds rows or not. Throws as `readPack` does. */
export function readAnyPack(folder: string, trusted?: readonly string[]): Pack | UnresolvedPack {
  return readPackFiles(filesOf(folder), trusted);
}

/** Reads a pack from wherever its files lie. Throws as `readPack` does; who signed is known before what is signed is looked at. */
export function readPackFiles(files: PackFiles, trusted?: readonly string[]): Pack | UnresolvedPack {
  const read = readManifest(files);
  const signature = checkSignature(files, sha256Of(read));
  if (trusted !== undefined) checkTrusted(files.name, signature, trusted);
  return { ...packOf(files.name, read), signature };
}

/** Reads a pack, whoever signed it or not. Throws MODX_PACK_MISSING, MODX_PACK_DAMAGED and MODX_PACK_SCHEMA. */
export function readUnsigned(files: PackFiles): Unsigned {
  return packOf(files.name, readManifest(files));
}

type Unsigned = Omit<Pack, "signature"> | Omit<UnresolvedPack, "signature">;

function packOf(name: string, read: ReadManifest): Unsigned {
  const { manifest } = read;
  const sha256 = sha256Of(read);
  return isUnresolved(manifest) ? { manifest, sha256 } : { ...contentsOf(name, manifest, read), sha256 };
}

function sha256Of({ bytes }: ReadManifest): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function contentsOf(name: string, manifest: Manifest, { parts }: ReadManifest): Omit<Pack, "sha256" | "signature"> {
  checkReferences(name, manifest);
  const tensorsOf = (file: string): Map<string, Tensor> => {
    const part = parts.get(file);
    if (part === undefined) throw damaged(name, `${file} is not listed`);
    return readSafetensors(part, `${name}/${file}`);
  };
  const rows = tensorsOf(ROWS_FILE);
  const width = manifest.identities[0]?.width ?? manifest.madeFor?.width ?? 0;
  const readoutsOf = (declared: Manifest["readouts"], prefix: string): PackReadout[] =>
    declared.map(({ tap, rows: names }) => {
      const weights = tensor(name, rows, `${prefix}${tap}.weights`, [names.length, width]);
      const bias = tensor(name, rows, `${prefix}${tap}.bias`, [names.length]);
      return {
        tap,
        rows: names.map((row, index) => ({
          name: row,
          weights: weights.slice(index * width, (index + 1) * width),
          bias: bias[index] ?? 0,
        })),
      };
    });
  const kept = tensorsOf(MAXIMA_FILE);
  const maxima = manifest.detectors.flatMap((detector) =>
    detector.calibrations.map(({ traffic, identity, length, sources, n }) => ({
      detector: detector.name,
      traffic,
      identity,
      length,
      sources,
      maxima: tensor(name, kept, maximaName(detector.name, { traffic, identity }), [n], true),
    })),
  );
  checkCalibrations(name, manifest, maxima);
  return {
    manifest,
    readouts: readoutsOf(manifest.readouts, ""),
    baseReadouts: readoutsOf(manifest.base?.readouts ?? [], BASE_PREFIX),
    golden: goldenOf(name, manifest, tensorsOf(GOLDEN_FILE)),
    maxima,
    seen: parts.has(SEEN_FILE) ? seenOf(name, tensorsOf(SEEN_FILE)) : new Int32Array(),
  };
}

function seenOf(name: string, tensors: Map<string, Tensor>): Int32Array {
  const marks = tensors.get("texts")?.data;
  if (!(marks instanceof Int32Array)) throw damaged(name, `${SEEN_FILE} does not say which texts it has seen`);
  return marks;
}

function goldenOf(name: string, { readouts, identities }: Manifest, tensors: Map<string, Tensor>): Golden {
  const count = readouts.reduce((sum, { rows }) => sum + rows.length, 0);
  const tokens = tensors.get("tokens")?.data;
  if (!(tokens instanceof Int32Array)) throw damaged(name, "the golden readings have no tokens");
  const readings = identities.map((_, identity) =>
    tensor(name, tensors, readingsName(identity), [tokens.length, count], true),
  );
  // a reading that is missing is compared with nothing
  if (readings.some((of) => tokens.length < 2 || !of.every((value, at) => Number.isFinite(value) !== at < count)))
    throw damaged(name, "the golden readings are not of every row at every token but the first");
  return { tokens, readings, spread: tensor(name, tensors, "spread", [count]) };
}

function tensor(pack: string, tensors: Map<string, Tensor>, name: string, shape: number[], nan = false): Float32Array {
  const found = tensors.get(name);
  if (!(found?.data instanceof Float32Array) || found.shape.join() !== shape.join())
    throw damaged(pack, `the tensor ${name} is missing or does not have the shape [${shape}]`);
  if (!nan && !found.data.every(Number.isFinite))
    throw damaged(pack, `the tensor ${name} holds a value that is not finite`);
  return found.data;
}
