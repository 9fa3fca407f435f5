import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { fileBytes } from "../cache/disk.ts";
import { type HubFolder, isCommit } from "../cache/hub-folder.ts";

export interface CachedFile {
  /** Path inside the repository. */
  file: string;
  /** Path on disk. */
  path: string;
  bytes: number;
}

/** The files of one commit that are on disk; links to missing blobs are left out. Nothing is read of their content. */
export async function cachedFiles(folder: HubFolder, commit: string): Promise<CachedFile[]> {
  const root = folder.snapshot(commit);
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = join(entry.parentPath ?? entry.path, entry.name);
      return { file: relative(root, path).split(sep).join("/"), path, bytes: await fileBytes(path) };
    }),
  );
  return found.flatMap(({ bytes, ...rest }) => (bytes === null ? [] : [{ ...rest, bytes }]));
}

/** Every commit of which something is on disk. */
export async function cachedCommits(folder: HubFolder): Promise<string[]> {
  return (await readdir(join(folder.path, "snapshots")).catch(() => [])).filter(isCommit).sort();
}
