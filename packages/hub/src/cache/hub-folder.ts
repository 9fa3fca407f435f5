import { randomBytes } from "node:crypto";
import { mkdir, readFile, readlink, rename, symlink } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { onDisk, writeWhole } from "./disk.ts";

const COMMIT = /^[0-9a-f]{40}$/;
const SHA256 = /^[0-9a-f]{64}$/;

/**
 * One repository in the Hugging Face cache, laid out as huggingface_hub documents it (guides/manage-cache):
 * `models--org--name/{blobs/<hash>, refs/<revision>, snapshots/<commit>/<path> -> ../../blobs/<hash>}`.
 */
export class HubFolder {
  readonly path: string;

  constructor(cache: string, repo: string) {
    this.path = join(cache, `models--${repo.replaceAll("/", "--")}`);
  }

  blob(hash: string): string {
    return join(this.path, "blobs", hash);
  }

  snapshot(commit: string, file = ""): string {
    return join(this.path, "snapshots", commit, file);
  }

  /** The commit that a branch or tag had when it was last fetched; null when it never was. */
  async commitOf(revision: string): Promise<string | null> {
    if (isCommit(revision)) return revision;
    const text = await readFile(join(this.path, "refs", revision), "utf8").catch(() => "");
    return isCommit(text.trim()) ? text.trim() : null;
  }

  async writeRef(revision: string, commit: string): Promise<void> {
    if (isCommit(revision)) return;
    const path = join(this.path, "refs", revision);
    await onDisk(path, () => writeWhole(path, commit));
  }

  /** Makes `snapshots/<commit>/<file>` a relative link to the blob, whatever stood there. Returns its path. */
  async link(commit: string, file: string, hash: string): Promise<string> {
    const path = this.snapshot(commit, file);
    const target = relative(dirname(path), this.blob(hash));
    await onDisk(path, async () => {
      if ((await readlink(path).catch(() => null)) === target) return;
      await mkdir(dirname(path), { recursive: true });
      const temporary = `${path}.${process.pid}-${randomBytes(4).toString("hex")}`;
      await symlink(target, temporary);
      await rename(temporary, path);
    });
    return path;
  }
}

/**
 * The sha256 that a snapshot file's blob is named by; null for a blob with another name. Only the first link counts:
 * newer huggingface_hub links the blob on to a store that is named by another hash (xet).
 */
export async function sha256ByName(snapshotFile: string): Promise<string | null> {
  const name = basename(await readlink(snapshotFile).catch(() => ""));
  return SHA256.test(name) ? name : null;
}

export function isCommit(text: string): boolean {
  return COMMIT.test(text);
}

/** True for a path that stays below the folder it is joined to; file names of a hub are outside input. */
export function staysInside(path: string): boolean {
  return (
    path !== "" && !/[\\\0]/.test(path) && path.split("/").every((part) => part !== "" && part !== "." && part !== "..")
  );
}
