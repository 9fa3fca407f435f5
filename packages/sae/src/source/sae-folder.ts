import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { ModxError } from "@modx/errors";
import { type ByteSource, openBytes, openNpz, openSafetensors, openTorch, type TensorFile } from "@modx/tensors";
import type { CatalogueEntry } from "../catalogue/entry.ts";

/** The files of one sparse autoencoder, wherever they lie. */
export interface SaeFolder {
  /** What it is called in messages. */
  readonly name: string;
  /** Paths inside it, with slashes. */
  readonly files: readonly string[];
  /** Throws MODX_SAE_CONFIG where it is no JSON. */
  json(path: string): Promise<unknown>;
  /** By its ending: safetensors, npz, pt or pth. */
  tensors(path: string): Promise<TensorFile>;
  /** What the catalogue knows of it. */
  readonly entry?: CatalogueEntry;
}

const MAX_CONFIG_BYTES = 4 << 20;

/** A folder on this machine, or one file in it. Throws MODX_USAGE_FILE_MISSING. */
export async function localFolder(place: string): Promise<SaeFolder> {
  // names of folders above it may be all that says where it reads
  const path = resolve(place);
  const alone = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  if (alone) return folderOf(dirname(path), [basename(path)], (file) => openBytes(join(dirname(path), file)));
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new ModxError("MODX_USAGE_FILE_MISSING", {
      what: `${path} is no folder that can be read (${cause instanceof Error ? cause.message : cause}).`,
      remedy: "Give the folder that holds the autoencoder's configuration and weights.",
      cause,
    });
  });
  const files: string[] = [];
  for (const entry of entries) {
    const own = join(entry.parentPath, entry.name);
    // a snapshot in the hub's own cache is a folder of links
    const links = entry.isSymbolicLink() && (await stat(own).catch(() => null))?.isFile() === true;
    if (entry.isFile() || links) files.push(relative(path, own).replaceAll("\\", "/"));
  }
  return folderOf(path, files.sort(), (file) => openBytes(join(path, file)));
}

function parseJson(name: string, bytes: Uint8Array): unknown {
  try {
    if (bytes.length > MAX_CONFIG_BYTES) throw new Error("it is too long");
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ModxError("MODX_SAE_CONFIG", {
      what: `${name} is not a configuration in JSON (${cause instanceof Error ? cause.message : cause}).`,
      remedy: "Get the file again.",
      cause,
    });
  }
}

/** A folder of anything that reads bytes in pieces, for example on the hub. */
export function folderOf(
  name: string,
  files: readonly string[],
  open: (path: string) => ByteSource | Promise<ByteSource>,
): SaeFolder {
  return {
    name,
    files,
    json: async (path) => {
      const source = await open(path);
      try {
        return parseJson(source.name, await source.read(0, Math.min(source.size, MAX_CONFIG_BYTES + 1)));
      } finally {
        await source.close();
      }
    },
    tensors: async (path) => openTensors(await open(path)),
  };
}

async function openTensors(source: ByteSource): Promise<TensorFile> {
  const { name } = source;
  try {
    if (name.endsWith(".npz")) return await openNpz(source);
    if (/\.(pt|pth)$/.test(name)) return await openTorch(source);
    return await openSafetensors(source);
  } catch (error) {
    await source.close();
    throw error;
  }
}
