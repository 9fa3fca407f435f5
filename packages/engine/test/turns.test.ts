import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "modx-turns-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a program of `test/native` prints, compiled with some of the addon's sources and with checks of memory. */
function run(name: string, sources: string[] = []): string {
  const program = join(folder, name);
  const files = [at(`native/${name}.cc`), ...sources.map((file) => at(`../native/${file}`))];
  // -iquote: the system has a features.h of its own
  const flags = ["-std=c++17", "-O1", "-fopenmp-simd", "-pthread", "-D_GLIBCXX_ASSERTIONS", "-iquote", at("../native")];
  execFileSync(process.env["CXX"] ?? "c++", [...flags, ...files, "-o", program]);
  return execFileSync(program, { encoding: "utf8" }).trim();
}

it("a lock is given in the order in which it was asked for", () => {
  expect(run("turns")).toBe("in turn");
});

it("a dictionary of the largest k reads residuals that are no numbers", () => {
  expect(run("broken", ["features.cc", "screen.cc", "halves.cc"])).toBe("none broke");
});
