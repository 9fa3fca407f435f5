import { ModxError } from "@modx/errors";
import { huggingFaceCache } from "../cache/folders.ts";
import { HubFolder, isCommit } from "../cache/hub-folder.ts";
import { chooseGguf, modelFiles } from "../names/choose-gguf.ts";
import { type HubReference, hubName } from "../names/hub-reference.ts";
import { allParts } from "../names/split-file.ts";
import { findCached, verifyCached } from "./cached-model.ts";
import { download } from "./download.ts";
import { type FetchOptions, isOffline, type ResolvedModel } from "./fetch-options.ts";
import { fileUrl, type HubFile, type HubListing, hubEndpoint, listHubFiles } from "./hub-api.ts";
import { unless } from "./unless.ts";

/**
 * Fetches a model of the hub into the Hugging Face cache, or finds it there: always when offline, when the hub cannot be
 * reached, and for a commit, which never changes. Throws MODX_HUB_OFFLINE, MODX_HUB_NOT_FOUND or what `download` throws.
 */
export async function fetchFromHub(reference: HubReference, options: FetchOptions = {}): Promise<ResolvedModel> {
  const { env = process.env } = options;
  const folder = new HubFolder(huggingFaceCache(env), reference.repo);
  const cached = await findCached(folder, reference);
  if (isOffline(options)) {
    if (cached === null) throw offline(reference);
    return verifyCached(cached, options);
  }
  if (cached !== null && isCommit(reference.revision)) {
    const found = await unless("MODX_HUB_WRONG_FILE", verifyCached(cached, options));
    if (found !== null) return found;
  }
  const token = options.token ?? (env["HF_TOKEN"] || undefined);
  const hub = { ...options, endpoint: hubEndpoint(env), token };
  if (cached === null) {
    return fetchParts(folder, reference, await listHubFiles(reference.repo, reference.revision, hub), hub);
  }
  const asked = listHubFiles(reference.repo, reference.revision, { ...hub, retries: 0 });
  const listing = await unless("MODX_HUB_NETWORK", asked);
  return listing === null ? verifyCached(cached, options) : fetchParts(folder, reference, listing, hub);
}

async function fetchParts(
  folder: HubFolder,
  reference: HubReference,
  listing: HubListing,
  options: FetchOptions & { endpoint: string },
): Promise<ResolvedModel> {
  const { repo, revision } = reference;
  const { commit } = listing;
  const files = chosenFiles(reference, listing);
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const parts: string[] = [];
  let before = 0;
  for (const { path, bytes, digest } of files) {
    const start = before;
    await download(fileUrl(options.endpoint, repo, commit, path), folder.blob(digest.hex), {
      ...options,
      digest,
      bytes,
      access: options.token === undefined ? "hub-anonymous" : "hub-token",
      onProgress: (doneBytes) => options.onProgress?.(start + doneBytes, totalBytes),
    });
    parts.push(await folder.link(commit, path, digest.hex));
    before += bytes;
  }
  // Only now, so that an offline run never meets a revision whose files are not there.
  await folder.writeRef(revision, commit);
  return verifyCached({ name: hubName(repo, files[0]?.path ?? "", revision), parts }, options);
}

function chosenFiles(reference: HubReference, { files }: HubListing): HubFile[] {
  const { repo, revision, file, quant } = reference;
  const names = files.map(({ path }) => path);
  const parts = (file === null ? chooseGguf(names, quant) : allParts(file)) ?? [];
  const found = parts.flatMap((part) => files.filter(({ path }) => path === part));
  if (found.length > 0 && found.length === parts.length) return found;
  const models = modelFiles(names).slice(0, 20);
  throw new ModxError("MODX_HUB_NOT_FOUND", {
    what: `${repo} has no ${file ?? `${quant ?? ""} .gguf file`} at revision ${revision}.`,
    remedy: models.length === 0 ? "Choose a repository with GGUF files." : `It has: ${models.join(", ")}.`,
  });
}

function offline({ repo, file, quant, revision }: HubReference): ModxError {
  return new ModxError("MODX_HUB_OFFLINE", {
    what: `${file ?? `A ${quant ?? ""} .gguf file`} of ${repo} (${revision}) is not in the cache, and modx is offline.`,
    remedy: "Run once without --offline and HF_HUB_OFFLINE, or give a path.",
  });
}
