import { execFileSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import { MANIFEST_FILE } from "@modx/pack";

/** The project's folder, in which this code lies. */
const ROOT = join(import.meta.dirname, "..", "..", "..", "..");

let own: string | null | undefined;

/** The commit of the code that runs, as it was when it was first asked for: what a run writes itself is no change of the code. */
export function ownCommit(): string | null {
  own ??= commitOf(ROOT);
  return own;
}

/**
 * The commit of the checkout that `root` is, `-dirty` behind it where tracked files differ from it. Null where `root` is none, or only lies
 * in one of something else.
 */
export function commitOf(root: string): string | null {
  if (!isCheckout(root)) return null;
  try {
    const changed = git(root, "status", "--porcelain", "--untracked-files=no") !== "";
    return `${git(root, "rev-parse", "HEAD")}${changed ? "-dirty" : ""}`;
  } catch {
    return null;
  }
}

/** `packInCommit` of the code's own checkout. */
export function packInOwnCommit(folder: string): boolean | null {
  return packInCommit(ROOT, folder);
}

/**
 * Whether the commit of the checkout that `root` is holds this very pack: its manifest to the byte, which has the hashes of all other
 * files. Null where `root` is no checkout, or the pack lies outside of it.
 */
export function packInCommit(root: string, folder: string): boolean | null {
  if (!isCheckout(root)) return null;
  try {
    const manifest = realpathSync(join(folder, MANIFEST_FILE));
    const path = relative(realpathSync(root), manifest).split(sep);
    if (path[0] === ".." || isAbsolute(path.join(sep))) return null;
    const own = git(root, "hash-object", "--no-filters", manifest);
    return own === git(root, "rev-parse", "--verify", "--quiet", `HEAD:${path.join("/")}`);
  } catch {
    // the commit holds no such file
    return false;
  }
}

/** False where git knows nothing of `root`, or it only lies in a checkout of something else. */
function isCheckout(root: string): boolean {
  try {
    return realpathSync(git(root, "rev-parse", "--show-toplevel")) === realpathSync(root);
  } catch {
    return false;
  }
}

function git(root: string, ...args: string[]): string {
  return execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: "pipe" }).trim();
}
