import { ModxError } from "@modx/errors";
import { type HubFolder, sha256ByName } from "../cache/hub-folder.ts";
import { modelSha256, sha256OfFile } from "../hash/file-hash.ts";
import { chooseGguf } from "../names/choose-gguf.ts";
import { type HubReference, hubName } from "../names/hub-reference.ts";
import { allParts } from "../names/split-file.ts";
import { cachedFiles } from "./cached-snapshot.ts";
import type { FetchOptions, ResolvedModel } from "./fetch-options.ts";

/** A model of which every part is in the cache, at the commit that its revision had last. */
export interface CachedModel {
  name: string;
  parts: readonly string[];
}

/** Finds a model in the cache without reading it; null when any part is missing. */
export async function findCached(folder: HubFolder, reference: HubReference): Promise<CachedModel | null> {
  const commit = await folder.commitOf(reference.revision);
  if (commit === null) return null;
  const names = (await cachedFiles(folder, commit)).map(({ file }) => file);
  const parts = reference.file === null ? chooseGguf(names, reference.quant) : allParts(reference.file);
  const first = parts?.[0];
  if (first === undefined || !parts?.every((part) => names.includes(part))) return null;
  return {
    name: hubName(reference.repo, first, reference.revision),
    parts: parts.map((part) => folder.snapshot(commit, part)),
  };
}

/** Reads a cached model through and checks it. Throws MODX_HUB_WRONG_FILE when a part is damaged. */
export async function verifyCached({ name, parts }: CachedModel, options: FetchOptions): Promise<ResolvedModel> {
  const hashes: string[] = [];
  for (const part of parts) hashes.push(await verified(part, options));
  return { path: parts[0] ?? "", sha256: modelSha256(hashes), name };
}

/** Other tools check only the size of what they put into the cache. */
async function verified(path: string, { env, signal }: FetchOptions): Promise<string> {
  const expected = await sha256ByName(path);
  const found = await sha256OfFile(path, { env, signal });
  if (expected === null || expected === found) return found;
  throw new ModxError("MODX_HUB_WRONG_FILE", {
    what: `${path} is damaged: its sha256 is ${found}.`,
    remedy: "Fetch it again while online, with `modx model pull`.",
  });
}
