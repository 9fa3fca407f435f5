import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commitOf, packInCommit } from "./commit.ts";

describe("the commit of a checkout", () => {
  const folder = mkdtempSync(join(tmpdir(), "modx-commit-"));
  const root = join(folder, "project");
  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], { cwd: root, encoding: "utf8" });
  beforeAll(() => {
    mkdirSync(join(root, "inside"), { recursive: true });
    git("init", "-q");
    writeFileSync(join(root, "code.ts"), "1\n");
    git("add", "code.ts");
    git("commit", "-q", "-m", "one");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("is its own, whatever lies about untracked", () => {
    writeFileSync(join(root, "untracked"), "");
    expect(commitOf(root)).toBe(git("rev-parse", "HEAD").trim());
  });

  it("says where tracked files differ from it", () => {
    writeFileSync(join(root, "code.ts"), "2\n");
    expect(commitOf(root)).toBe(`${git("rev-parse", "HEAD").trim()}-dirty`);
    git("add", "code.ts");
    expect(commitOf(root)).toMatch(/-dirty$/);
    git("commit", "-q", "-m", "two");
    expect(commitOf(root)).not.toMatch(/-dirty$/);
  });

  it("holds a pack whose manifest has the same bytes, and no other", () => {
    const pack = join(root, "inside", "pack");
    const manifest = join(pack, "pack.json");
    expect(packInCommit(root, pack)).toBe(false);
    mkdirSync(pack);
    writeFileSync(manifest, '{"threshold":1}\n');
    expect(packInCommit(root, pack)).toBe(false);
    git("add", "inside");
    expect(packInCommit(root, pack)).toBe(false);
    git("commit", "-q", "-m", "three");
    expect(packInCommit(root, pack)).toBe(true);
    writeFileSync(manifest, '{"threshold":2}\n');
    expect(packInCommit(root, pack)).toBe(false);
    writeFileSync(manifest, '{"threshold":1}\n');
    // a copy of it is another file
    const copy = join(root, "copy");
    mkdirSync(copy);
    writeFileSync(join(copy, "pack.json"), '{"threshold":1}\n');
    expect(packInCommit(root, copy)).toBe(false);
    const outside = join(folder, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "pack.json"), '{"threshold":1}\n');
    expect(packInCommit(root, outside)).toBeNull();
    expect(packInCommit(join(root, "inside"), pack)).toBeNull();
    expect(packInCommit(folder, pack)).toBeNull();
    // found where it lies, whatever leads there
    symlinkSync(pack, join(folder, "link"));
    expect(packInCommit(root, join(folder, "link"))).toBe(true);
  });

  it("is none of a folder that only lies in one, or in none", () => {
    expect(commitOf(join(root, "inside"))).toBeNull();
    expect(commitOf(folder)).toBeNull();
  });
});
