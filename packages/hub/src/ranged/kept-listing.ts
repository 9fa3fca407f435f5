import { join } from "node:path";
import { readJson, whereWritable, writeWhole } from "../cache/disk.ts";
import type { HubFolder } from "../cache/hub-folder.ts";
import { type HubFile, type HubListing, hubFilesOf } from "../fetch/hub-api.ts";

/** What the hub said last of a branch, tag or commit; null where it was not asked, or what was kept is damaged. */
export async function keptListing(folder: HubFolder, revision: string): Promise<HubListing | null> {
  const commit = await folder.commitOf(revision);
  const files = commit === null ? null : await keptFiles(folder, commit);
  return commit === null || files === null ? null : { commit, files };
}

/** The files of a commit, which never change. */
export async function keptFiles(folder: HubFolder, commit: string): Promise<HubFile[] | null> {
  const entries = await readJson(pathOf(folder, commit));
  if (!Array.isArray(entries)) return null;
  const files = hubFilesOf(entries);
  return files.length === entries.length ? files : null;
}

/** A cache that cannot be written is not worth an error: the hub is asked again. */
export async function keepListing(folder: HubFolder, revision: string, { commit, files }: HubListing): Promise<void> {
  await whereWritable(async () => {
    await writeWhole(pathOf(folder, commit), `${JSON.stringify(files.map(asListed))}\n`);
    await folder.writeRef(revision, commit);
  });
}

/** As the hub writes it, so that it is read as strictly. */
function asListed({ path, bytes, digest }: HubFile): unknown {
  return digest.algorithm === "sha256"
    ? { type: "file", path, lfs: { oid: digest.hex, size: bytes } }
    : { type: "file", path, size: bytes, oid: digest.hex };
}

function pathOf(folder: HubFolder, commit: string): string {
  return join(folder.path, "listings", `${commit}.json`);
}
