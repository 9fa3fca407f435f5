import { ModxError } from "@modx/errors";
import { type FetchOptions, isOffline } from "../fetch/fetch-options.ts";
import { fileUrl, hubEndpoint, listHubFiles } from "../fetch/hub-api.ts";
import { type RangedFile, rangedFile } from "./ranged-file.ts";

/** A folder of a repository on the hub at one commit, read in pieces and kept nowhere. */
export interface RemoteFolder {
  /** `USER/REPO/FOLDER`, for messages. */
  readonly name: string;
  readonly commit: string;
  /** Paths inside it. */
  readonly files: readonly string[];
  open(path: string): RangedFile;
}

const REFERENCE = /^([A-Za-z0-9_][\w.-]*\/[A-Za-z0-9_][\w.-]*)(?:\/([^#]+?))?\/?(?:#([\w./-]+))?$/;

/** Opens `USER/REPO[/FOLDER][#REVISION]`. Throws MODX_USAGE, MODX_HUB_OFFLINE and what listing throws. */
export async function openHubFolder(reference: string, options: FetchOptions = {}): Promise<RemoteFolder> {
  const [, repo, folder = "", revision = "main"] = REFERENCE.exec(reference) ?? [];
  if (repo === undefined)
    throw new ModxError("MODX_USAGE", {
      what: `"${reference}" is no folder on the hub.`,
      remedy: "Write USER/REPO, USER/REPO/FOLDER, and #REVISION behind it where it is not main.",
    });
  if (isOffline(options))
    throw new ModxError("MODX_HUB_OFFLINE", {
      what: `${reference} is on the hub, and modx is offline.`,
      remedy: "Leave out --offline, or download the folder and give its path.",
    });
  const { env = process.env, retries, backoffMs, signal } = options;
  const endpoint = hubEndpoint(env);
  const token = options.token ?? env["HF_TOKEN"];
  const { commit, files } = await listHubFiles(repo, revision, { endpoint, token, retries, backoffMs, signal });
  const prefix = folder === "" ? "" : `${folder}/`;
  const inside = new Map(
    files.flatMap((file) => (file.path.startsWith(prefix) ? [[file.path.slice(prefix.length), file] as const] : [])),
  );
  const name = folder === "" ? repo : `${repo}/${folder}`;
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
        token,
        retries,
        backoffMs,
        signal,
      });
    },
  };
}
