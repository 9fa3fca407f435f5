import { ModxError } from "@modx/errors";
import { type HubFolder, isCommit } from "../cache/hub-folder.ts";
import { type HubApiOptions, type HubListing, hubCommit, hubFiles } from "../fetch/hub-api.ts";
import { unless } from "../fetch/unless.ts";
import { keepListing, keptFiles, keptListing } from "./kept-listing.ts";

/**
 * The files of a repository: as they were kept when offline, when the hub cannot be reached, and for a commit; otherwise at the commit
 * that the hub names. Throws MODX_HUB_OFFLINE, MODX_HUB_NOT_FOUND or MODX_HUB_NETWORK.
 */
export async function listing(
  repo: string,
  revision: string,
  folder: HubFolder,
  options: HubApiOptions & { offline: boolean },
): Promise<HubListing> {
  const kept = await keptListing(folder, revision);
  if (kept !== null && (options.offline || isCommit(revision))) return kept;
  if (options.offline)
    throw new ModxError("MODX_HUB_OFFLINE", {
      what: `${repo} at revision ${revision} is on the hub, has not been read before, and modx is offline.`,
      remedy: "Run once without --offline and HF_HUB_OFFLINE, or download the folder and give its path.",
    });
  if (kept === null) return fresh(repo, revision, await hubCommit(repo, revision, options), folder, options);
  const commit = await unless("MODX_HUB_NETWORK", hubCommit(repo, revision, { ...options, retries: 0 }));
  if (commit === null || commit === kept.commit) return kept;
  return fresh(repo, revision, commit, folder, options);
}

/** A commit's files as they are kept, where another revision led to it before. */
async function fresh(
  repo: string,
  revision: string,
  commit: string,
  folder: HubFolder,
  options: HubApiOptions,
): Promise<HubListing> {
  const files = (await keptFiles(folder, commit)) ?? (await hubFiles(repo, commit, options));
  await keepListing(folder, revision, { commit, files });
  return { commit, files };
}
