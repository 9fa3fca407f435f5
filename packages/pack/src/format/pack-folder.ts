import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { ModxError } from "@modx/errors";
import { nameSchema } from "./manifest.ts";
import { MANIFEST_FILE } from "./pack.ts";

/** Throws MODX_PACK_FOLDER where a pack in `folder` would replace something that is no pack. */
export function checkPackFolder(folder: string): void {
  if (!existsSync(folder)) return;
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    names = [folder];
  }
  if (names.length === 0 || names.includes(MANIFEST_FILE)) return;
  throw new ModxError("MODX_PACK_FOLDER", {
    what: `${folder} holds something else than a pack.`,
    remedy: "Name a folder that does not exist yet, or one with an older pack, which will be replaced.",
  });
}

/** What a pack is called that is written to `folder`: as that. Throws MODX_PACK_FOLDER where it is no name for one. */
export function packNameOf(folder: string): string {
  const name = basename(resolve(folder));
  if (nameSchema.safeParse(name).success) return name;
  throw new ModxError("MODX_PACK_FOLDER", {
    what: `"${name}" is no name for a pack, which is called like its folder.`,
    remedy: "Use small letters, digits, dots, dashes and underscores, 64 at most, beginning with a letter or a digit.",
  });
}

/** `fill` writes a folder that appears as `folder` only when it is whole, and replaces an older pack. */
export function replacePackFolder(folder: string, fill: (unfinished: string) => void): void {
  checkPackFolder(folder);
  const unfinished = `${folder}.unfinished-${process.pid}`;
  mkdirSync(dirname(folder), { recursive: true });
  mkdirSync(unfinished);
  try {
    fill(unfinished);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
}

/** Copies a pack over an older one or to where none is. */
export function copyPack(from: string, to: string): void {
  replacePackFolder(to, (unfinished) => {
    for (const name of readdirSync(from)) cpSync(join(from, name), join(unfinished, name));
  });
}
