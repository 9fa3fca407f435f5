import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { localFolder } from "./sae-folder.ts";

it.each([".", "./", "../layers.5", "../layers.5/"])(
  "has its own name and its files' names when it is called %s",
  async (name) => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), "modx-sae-folder-")));
    const here = process.cwd();
    onTestFinished(() => {
      process.chdir(here);
      rmSync(root, { recursive: true });
    });
    const folder = join(root, "layers.5");
    mkdirSync(join(folder, "deeper"), { recursive: true });
    writeFileSync(join(folder, "cfg.json"), "{}");
    writeFileSync(join(folder, "deeper", "sae.safetensors"), "");
    process.chdir(folder);
    const found = await localFolder(name);
    expect(found).toMatchObject({ name: folder, files: ["cfg.json", "deeper/sae.safetensors"] });
    expect(await found.json("cfg.json")).toEqual({});
  },
);
