import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ModxError } from "@modx/errors";
import { type Accelerator, librariesFolder, libraryFiles } from "./libraries.ts";
import type { Addon } from "./surface.ts";

const NEEDED_NAPI = 9;
/** Another build, for example one that watches memory (scripts/sanitize.mjs), is named by its folder. */
const BUILD = process.env["MODX_ADDON_FOLDER"] ?? join(dirname(fileURLToPath(import.meta.url)), "..", "..", "build");

let loaded: { addon: Addon; folder: string } | undefined;

/**
 * Loads llama.cpp and the addon once for the process, with the libraries of the first call. Throws MODX_ENGINE_NOT_BUILT,
 * MODX_ENGINE_PLATFORM, or MODX_ENGINE_ACCELERATOR, the last also where others were loaded before.
 */
export function loadAddon(accelerator: Accelerator = "auto"): Addon {
  const folder = librariesFolder(accelerator);
  loaded ??= { addon: load(folder), folder };
  if (loaded.folder !== folder) {
    throw new ModxError("MODX_ENGINE_ACCELERATOR", {
      what: `This process runs on the libraries in ${loaded.folder} already.`,
      remedy: "Name the same accelerator for all engines of a process.",
    });
  }
  return loaded.addon;
}

function load(folder: string): Addon {
  // An addon built for a newer Node-API crashes an older Node instead of failing.
  if (Number(process.versions["napi"] ?? 0) < NEEDED_NAPI) {
    throw new ModxError("MODX_ENGINE_PLATFORM", {
      what: `Node ${process.versions.node} has Node-API ${process.versions["napi"]}; modx needs ${NEEDED_NAPI}.`,
      remedy: "Use Node 20.19 or later.",
    });
  }
  if (!existsSync(join(BUILD, "modx.node"))) {
    throw new ModxError("MODX_ENGINE_NOT_BUILT", {
      what: "The llama.cpp addon is not built.",
      remedy: "Run: npm run build",
    });
  }
  const require = createRequire(import.meta.url);
  try {
    const loader = require(join(BUILD, "loader.node")) as Loader;
    checkOthers(loader.loaded(), folder);
    for (const library of libraryFiles(folder)) loader.open(library);
    const addon = require(join(BUILD, "modx.node")) as Addon;
    addon.start(folder);
    return addon;
  } catch (cause) {
    if (ModxError.isInstance(cause)) throw cause;
    throw new ModxError("MODX_ENGINE_PLATFORM", {
      what: `llama.cpp's libraries could not be loaded (${cause instanceof Error ? cause.message : cause}).`,
      remedy: "Run: npm ci && npm run build",
      cause,
    });
  }
}

interface Loader {
  open(path: string): void;
  /** Paths of all libraries in the process. */
  loaded(): string[];
}

/** Somebody else's llama.cpp in the process would take part in ours: the linker finds functions by name, in whichever came first. */
function checkOthers(paths: readonly string[], folder: string): void {
  const own = realpathSync(folder);
  for (const path of paths) {
    if (!/^lib(ggml-base|llama)\./.test(basename(path))) continue;
    const place = existsSync(path) ? dirname(realpathSync(path)) : dirname(path);
    if (place === own) continue;
    throw new ModxError("MODX_ENGINE_ACCELERATOR", {
      what: `This process has loaded ${path} already, which is not of the libraries in ${folder}.`,
      remedy: "Run the engine in a process of its own: openSupervised does.",
    });
  }
}
