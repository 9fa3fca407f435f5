import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const NATIVE = at("../native");
const folder = mkdtempSync(join(tmpdir(), "modx-screen-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each<[string, string[]]>([
  ["in floating point", ["-DMODX_PLAIN_SCREEN"]],
  ["in what this processor is fastest in", []],
])("a screen %s guesses within what it says, and hides no active feature", (name, flags) => {
  const program = join(folder, name.replaceAll(" ", "-"));
  const sources = ["features.cc", "screen.cc", "halves.cc"].map((file) => join(NATIVE, file));
  const compiler = process.env["CXX"] ?? "c++";
  // -iquote: the system has a features.h of its own
  const all = ["-std=c++17", "-O2", "-fopenmp-simd", "-iquote", NATIVE, ...flags, at("native/screen.cc"), ...sources];
  execFileSync(compiler, [...all, "-o", program]);
  const { deviation, worst, differing, found } = JSON.parse(execFileSync(program, { encoding: "utf8" })) as {
    [figure: string]: number;
  };
  // a deviation is what it is called: neither far too wide nor too narrow
  expect(deviation).toBeGreaterThan(0.5);
  expect(deviation).toBeLessThan(1.2);
  expect(worst).toBeLessThan(6);
  expect(found).toBeGreaterThan(100);
  expect(differing).toBe(0);
});
