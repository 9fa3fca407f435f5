import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { librariesFolder, libraryFiles } from "../src/native/libraries.ts";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const folder = realpathSync(mkdtempSync(join(tmpdir(), "modx-libraries-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the engine says in a process that has opened a library before. */
function load(library: string): string {
  const script = `
    import { createRequire } from "node:module";
    createRequire(import.meta.url)(${JSON.stringify(at("../build/loader.node"))}).open(${JSON.stringify(library)});
    const { loadAddon } = await import(${JSON.stringify(at("../dist/native/load-addon.js"))});
    try { loadAddon("cpu"); console.log("loaded"); } catch (error) { console.log(error.code, error.what); }
  `;
  return execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
}

it("does not run beside another copy of llama.cpp in its process, and names both", () => {
  const [base = ""] = libraryFiles(librariesFolder("cpu"));
  const copy = join(folder, basename(base));
  cpSync(base, copy);
  const said = load(copy);
  expect(said).toContain("MODX_ENGINE_ACCELERATOR");
  expect(said).toContain(copy);
  expect(said).toContain(librariesFolder("cpu"));
  expect(load(base)).toBe("loaded\n");
});
