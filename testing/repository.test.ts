import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { CODES } from "@modx/errors";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const MEBIBYTE = 2 ** 20;

function tracked(): string[] {
  return execFileSync("git", ["-C", ROOT, "ls-files", "-z"], { encoding: "utf8" }).split("\0").filter(Boolean);
}

describe("the repository", () => {
  it("stays small: tracked files under 64 MiB, adapters under 38 MiB", () => {
    const sizes = tracked().map((path) => ({
      path,
      size: statSync(join(ROOT, path), { throwIfNoEntry: false })?.size ?? 0,
    }));
    const total = (pattern: RegExp): number =>
      sizes.filter(({ path }) => pattern.test(path)).reduce((sum, { size }) => sum + size, 0) / MEBIBYTE;
    expect(total(/./)).toBeLessThan(64);
    expect(total(/\.gguf$/)).toBeLessThan(38);
  });

  it("explains every error code in docs/errors.md, and no other", () => {
    const documented = [...readFileSync(join(ROOT, "docs/errors.md"), "utf8").matchAll(/^\| `(MODX_[A-Z_]+)`/gm)].map(
      (match) => match[1],
    );
    expect(documented.sort()).toEqual(Object.keys(CODES).sort());
  });

  it("records no download addresses in its lock file", () => {
    expect(readFileSync(join(ROOT, "package-lock.json"), "utf8")).not.toMatch(/"resolved": "http/);
  });
});
