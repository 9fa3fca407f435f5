import { execFileSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { join } from "node:path";

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
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: "pipe" }).trim();
  try {
    if (realpathSync(git("rev-parse", "--show-toplevel")) !== realpathSync(root)) return null;
    const changed = git("status", "--porcelain", "--untracked-files=no") !== "";
    return `${git("rev-parse", "HEAD")}${changed ? "-dirty" : ""}`;
  } catch {
    return null;
  }
}
