import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { ModxError } from "@modx/errors";
import { SIGNATURE_FILE } from "../sign/signature.ts";
import { nameSchema } from "./manifest.ts";
import { CARD_FILE, GOLDEN_FILE, MANIFEST_FILE, MAXIMA_FILE, ROWS_FILE, SEEN_FILE } from "./pack.ts";

/** Throws MODX_PACK_FOLDER where a pack in `folder` would replace something that is no pack, or lies beside one. */
export function checkPackFolder(folder: string): void {
  if (!existsSync(folder)) return;
  const names = statSync(folder).isDirectory() ? readdirSync(folder) : [folder];
  const own = packFilesIn(folder);
  const foreign = names.find((name) => !own.has(name));
  if (foreign === undefined) return;
  throw new ModxError("MODX_PACK_FOLDER", {
    what: `${folder} holds something else than a pack (${basename(foreign)}).`,
    remedy: "Name a folder that does not exist yet, or one with nothing but an older pack, which will be replaced.",
  });
}

const FILES = [MANIFEST_FILE, SIGNATURE_FILE, ROWS_FILE, GOLDEN_FILE, MAXIMA_FILE, SEEN_FILE, CARD_FILE];

/** Names of the files that make the pack in a folder, a damaged one's too; none where there is no pack. */
function packFilesIn(folder: string): Set<string> {
  let manifest: unknown;
  try {
    manifest = JSON.parse(readFileSync(join(folder, MANIFEST_FILE), "utf8"));
  } catch (error) {
    return new Set(error instanceof SyntaxError ? FILES : []);
  }
  const { schema, files } = (manifest ?? {}) as Record<string, unknown>;
  if (typeof schema !== "number" || typeof files !== "object" || files === null) return new Set();
  return new Set([...FILES, ...Object.keys(files)]);
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

/**
 * `fill` writes a folder that appears as `folder` only when it is whole, and replaces an older pack. Throws MODX_PACK_FOLDER, also
 * where the disk does not take it; then everything is as before.
 */
export function replacePackFolder(folder: string, fill: (unfinished: string) => void): void {
  // so that what is written beside it lies beside it, however it is named
  const place = resolve(folder);
  checkPackFolder(place);
  const unfinished = `${place}.unfinished-${process.pid}`;
  const older = `${place}.older-${process.pid}`;
  try {
    mkdirSync(dirname(place), { recursive: true });
    mkdirSync(unfinished);
    fill(unfinished);
    if (existsSync(place)) renameSync(place, older);
    renameSync(unfinished, place);
    rmSync(older, { recursive: true, force: true });
  } catch (error) {
    if (existsSync(unfinished)) rmSync(unfinished, { recursive: true });
    if (existsSync(older) && !existsSync(place)) renameSync(older, place);
    throw ModxError.isInstance(error) ? error : notWritten(folder, error);
  }
}

/** For what a disk answers; anything else is a defect, and stays what it is. */
export function notWritten(folder: string, error: unknown): unknown {
  if (!(error instanceof Error && "syscall" in error)) return error;
  return new ModxError("MODX_PACK_FOLDER", {
    what: `The pack in ${folder} cannot be written (${error.message}).`,
    remedy: "Check the folder's permissions and its disk, or name another folder.",
    cause: error,
  });
}

/** Copies a pack over an older one or to where none is. */
export function copyPack(from: string, to: string): void {
  replacePackFolder(to, (unfinished) => {
    for (const name of readdirSync(from)) cpSync(join(from, name), join(unfinished, name));
  });
}
