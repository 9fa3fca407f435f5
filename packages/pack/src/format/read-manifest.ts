import { createHash } from "node:crypto";
import { ModxError } from "@modx/errors";
import type { z } from "zod";
import { checkVersions } from "./check-versions.ts";
import { damaged } from "./damaged.ts";
import { type Manifest, manifestSchema, PACK_SCHEMA } from "./manifest.ts";
import { MANIFEST_FILE } from "./pack.ts";
import { MOST_FILE_BYTES, MOST_MANIFEST_BYTES, type PackFiles } from "./pack-files.ts";
import { type Unresolved, unresolvedSchema } from "./unresolved.ts";

export interface ReadManifest {
  manifest: Manifest | Unresolved;
  /** The bytes of `pack.json`. */
  bytes: Uint8Array;
  /** All other files, whose hashes are right. */
  parts: ReadonlyMap<string, Uint8Array>;
}

export function isUnresolved(manifest: Manifest | Unresolved): manifest is Unresolved {
  return "unresolved" in manifest;
}

/** Reads `pack.json` and the files that it lists. Throws MODX_PACK_MISSING, MODX_PACK_SCHEMA and MODX_PACK_DAMAGED. */
export function readManifest(files: PackFiles): ReadManifest {
  const bytes = files.read(MANIFEST_FILE, MOST_MANIFEST_BYTES);
  if (bytes === null)
    throw new ModxError("MODX_PACK_MISSING", {
      what: `There is no pack in ${files.name} (no ${MANIFEST_FILE}).`,
      remedy: "Give the folder of a pack with --pack, or make one with: modx build",
    });
  const manifest = parse(bytes, files.name);
  const parts = new Map<string, Uint8Array>();
  for (const [file, expected] of Object.entries(manifest.files)) {
    if (file !== file.replace(/[^a-z0-9._-]/gi, "") || file.startsWith("."))
      throw damaged(files.name, `it names a file "${file}" outside its folder`);
    const part = files.read(file, MOST_FILE_BYTES);
    if (part === null) throw damaged(files.name, `${file} is missing`);
    if (createHash("sha256").update(part).digest("hex") !== expected)
      throw damaged(files.name, `${file} is not the file that the pack was made with`);
    parts.set(file, part);
  }
  return { manifest, bytes, parts };
}

function parse(bytes: Uint8Array, name: string): Manifest | Unresolved {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw damaged(name, `${MANIFEST_FILE} is not JSON`);
  }
  const fields = typeof json === "object" && json !== null ? json : {};
  const schema = "schema" in fields ? fields.schema : undefined;
  if (schema !== PACK_SCHEMA)
    throw new ModxError("MODX_PACK_SCHEMA", {
      what: `The pack in ${name} has schema ${String(schema)}; this modx reads ${PACK_SCHEMA}.`,
      remedy: "Use the version of modx that wrote it, or build it again.",
    });
  if ("detectors" in fields) checkVersions(name, fields.detectors);
  return "unresolved" in fields ? parseAs(unresolvedSchema, json, name) : parseAs(manifestSchema, json, name);
}

function parseAs<T>(schema: z.ZodType<T>, json: unknown, name: string): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw damaged(name, `${MANIFEST_FILE} at ${issue?.path.join(".") || "its top"}: ${issue?.message}`);
}
