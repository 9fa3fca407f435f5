import { join } from "node:path";
import { readJson, writeWhole } from "../cache/disk.ts";
import { type Environment, modxCache } from "../cache/folders.ts";
import { field } from "../cache/json-fields.ts";

/** Old entries go first. */
const MOST_FILES = 1000;

/** True when this engine version has been seen to load the file with this sha256 without crashing. */
export async function isVetted(
  sha256: string,
  engineVersion: string,
  env: Environment = process.env,
): Promise<boolean> {
  return (await vetted(engineVersion, env)).includes(sha256);
}

/** Records that. A cache that cannot be written is not worth an error: the file is tried again next time. */
export async function markVetted(sha256: string, engineVersion: string, env: Environment = process.env): Promise<void> {
  const known = await vetted(engineVersion, env);
  if (known.includes(sha256)) return;
  // Only the running version's files: after an upgrade everything has to be seen again.
  const files = [...known, sha256].slice(-MOST_FILES);
  await writeWhole(cachePath(env), `${JSON.stringify({ version: 1, engine: engineVersion, files }, null, 1)}\n`).catch(
    () => undefined,
  );
}

async function vetted(engineVersion: string, env: Environment): Promise<string[]> {
  const stored = await readJson(cachePath(env));
  const files = field(stored, "files");
  if (field(stored, "engine") !== engineVersion || !Array.isArray(files)) return [];
  return files.filter((entry): entry is string => typeof entry === "string");
}

function cachePath(env: Environment): string {
  return join(modxCache(env), "vetted.json");
}
