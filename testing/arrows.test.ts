import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const PACKAGES = join(import.meta.dirname, "..", "packages");

/** What each package may know: the arrows of the design. */
const KNOWS: Record<string, readonly string[]> = {
  errors: [],
  tensors: ["errors"],
  hub: ["errors"],
  engine: ["errors"],
  sae: ["errors", "tensors"],
  pack: ["errors", "tensors"],
  monitor: ["errors", "pack"],
  guard: ["errors", "engine", "pack", "monitor"],
  lab: ["errors", "tensors", "hub", "engine", "sae", "pack", "monitor", "guard"],
  server: ["errors", "hub", "engine", "pack", "monitor", "guard"],
  cli: ["errors", "tensors", "hub", "engine", "sae", "pack", "monitor", "guard", "lab", "server"],
};

function sources(name: string): string[] {
  return readdirSync(join(PACKAGES, name, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}

describe("the arrows between packages", () => {
  it("cover every package", () => {
    expect(readdirSync(PACKAGES).sort()).toEqual(Object.keys(KNOWS).sort());
  });

  it.each(Object.keys(KNOWS))("%s imports only what it may know, through the front door", (name) => {
    for (const file of sources(name)) {
      for (const [, imported = ""] of readFileSync(file, "utf8").matchAll(/from "(@modx\/[^"]+|\.[^"]+)"/g)) {
        if (imported.startsWith("."))
          expect(join(file, "..", imported).startsWith(join(PACKAGES, name)), `${file} imports ${imported}`).toBe(true);
        else
          expect(
            KNOWS[name]?.map((known) => `@modx/${known}`),
            file,
          ).toContain(imported);
      }
    }
  });

  it.each(Object.keys(KNOWS))("%s declares what it imports", (name) => {
    const { dependencies = {} } = JSON.parse(readFileSync(join(PACKAGES, name, "package.json"), "utf8")) as {
      dependencies?: Record<string, string>;
    };
    const imported = sources(name)
      .filter((file) => !/\.(test|conformance)\.ts$|\/testing\//.test(file))
      .flatMap((file) =>
        [...readFileSync(file, "utf8").matchAll(/from "((?:@[^/"]+\/)?[^./"{][^/"]*)/g)].map((match) => match[1] ?? ""),
      )
      .filter((module) => !module.startsWith("node:"));
    for (const module of new Set(imported))
      expect(Object.keys(dependencies), `${name} imports ${module}`).toContain(module);
  });
});
