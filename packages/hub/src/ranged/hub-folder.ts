import { join } from "node:path";
import { ModxError } from "@modx/errors";
import { type Environment, modxCache } from "../cache/folders.ts";
import { HubFolder, staysInside } from "../cache/hub-folder.ts";
import { type FetchOptions, isOffline } from "../fetch/fetch-options.ts";
import { fileUrl, hubEndpoint } from "../fetch/hub-api.ts";
import { KeptBlocks } from "./kept-blocks.ts";
import { listing } from "./listing.ts";
import { type RangedFile, rangedFile } from "./ranged-file.ts";

/** A folder of a repository on the hub at one commit, read in pieces; what was read is kept. */
export interface RemoteFolder {
  /** `USER/REPO/FOLDER`, for messages. */
  readonly name: string;
  readonly commit: string;
  /** Paths inside it. */
  readonly files: readonly string[];
  open(path: string): RangedFile;
}

const REFERENCE = /^([A-Za-z0-9_][\w.-]*\/[A-Za-z0-9_][\w.-]*)(?:\/([^#]+?))?\/?(?:#([\w./-]+))?$/;

/**
 * Opens `USER/REPO[/FOLDER][#REVISION]`; with a file in the folder's stead, its folder as if nothing else lay in there. Throws MODX_USAGE,
 * MODX_HUB_OFFLINE and what listing throws.
 */
export async function openHubFolder(reference: string, options: FetchOptions = {}): Promise<RemoteFolder> {
  const [, repo, folder = "", revision = "main"] = REFERENCE.exec(reference) ?? [];
  if (repo === undefined || !staysInside(revision))
    throw new ModxError("MODX_USAGE", {
      what: `"${reference}" is no folder on the hub.`,
      remedy: "Write USER/REPO, USER/REPO/FOLDER, and #REVISION behind it where it is not main.",
    });
  const { env = process.env, retries, backoffMs, signal } = options;
  const endpoint = hubEndpoint(env);
  const token = options.token ?? env["HF_TOKEN"];
  const request = { token, retries, backoffMs, signal, offline: isOffline(options) };
  const kept = keptFolder(env, endpoint, repo);
  const { commit, files } = await listing(repo, revision, kept, { endpoint, ...request });
  const alone = files.some((file) => file.path === folder);
  const prefix = alone ? folder.slice(0, folder.lastIndexOf("/") + 1) : folder === "" ? "" : `${folder}/`;
  const inside = new Map(
    files
      .filter(({ path }) => (alone ? path === folder : path.startsWith(prefix)))
      .map((file) => [file.path.slice(prefix.length), file]),
  );
  const name = `${repo}/${prefix}`.slice(0, -1);
  if (inside.size === 0)
    throw new ModxError("MODX_HUB_NOT_FOUND", {
      what: `${repo} has no folder ${folder} at ${revision}.`,
      remedy: "Check its spelling.",
    });
  return {
    name,
    commit,
    files: [...inside.keys()].sort(),
    open: (path) => {
      const file = inside.get(path);
      if (file === undefined)
        throw new ModxError("MODX_HUB_NOT_FOUND", {
          what: `${name} has no file ${path}.`,
          remedy: "Check its spelling.",
        });
      return rangedFile({
        url: fileUrl(endpoint, repo, commit, file.path),
        name: `${name}/${path}`,
        size: file.bytes,
        kept: new KeptBlocks(kept.blob(file.digest.hex), file.bytes, file.digest),
        ...request,
      });
    },
  };
}

/** What a hub says is kept under its own address: another one may say something else of the same name. */
function keptFolder(env: Environment, endpoint: string, repo: string): HubFolder {
  return new HubFolder(join(modxCache(env), "ranges", encodeURIComponent(endpoint.replace(/^https:\/\//, ""))), repo);
}
