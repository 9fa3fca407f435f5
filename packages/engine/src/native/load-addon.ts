import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ModxError } from "@modx/errors";
import type { Addon } from "./surface.ts";

const NEEDED_NAPI = 9;
const BUILD = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "build");

let loaded: Addon | undefined;

/** Loads llama.cpp and the addon once for the process. Throws MODX_ENGINE_NOT_BUILT or MODX_ENGINE_PLATFORM. */
export function loadAddon(): Addon {
  loaded ??= load();
  return loaded;
}

function load(): Addon {
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
  const folder = librariesFolder();
  const require = createRequire(import.meta.url);
  try {
    const loader = require(join(BUILD, "loader.node")) as { open(path: string): void };
    for (const library of libraryFiles(folder)) loader.open(library);
    const addon = require(join(BUILD, "modx.node")) as Addon;
    addon.start(folder);
    return addon;
  } catch (cause) {
    throw new ModxError("MODX_ENGINE_PLATFORM", {
      what: `llama.cpp's libraries could not be loaded (${cause instanceof Error ? cause.message : cause}).`,
      remedy: "Run: npm ci && npm run build",
      cause,
    });
  }
}

/** Folder of the prebuilt libraries of this platform, wherever npm put the package. */
export function librariesFolder(): string {
  const { platform, arch } = process;
  const name = platform === "darwin" ? (arch === "arm64" ? "mac-arm64-metal" : "mac-x64") : `linux-${arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(`@node-llama-cpp/${name}`);
    return join(dirname(entry), "..", "bins", name);
  } catch (cause) {
    throw new ModxError("MODX_ENGINE_PLATFORM", {
      what: `There are no prebuilt llama.cpp libraries for ${platform}-${arch} in node_modules.`,
      remedy: "Install without --omit=optional on Linux (x64, arm64, glibc) or macOS.",
      cause,
    });
  }
}

/** Paths of llama.cpp's libraries, each after those it needs; names carry the version. */
export function libraryFiles(folder: string): string[] {
  const names = readdirSync(folder);
  return [/^libggml-base\./, /^libggml\.v/, /^libllama\.v/].map((pattern) => {
    const name = names.find((candidate) => pattern.test(candidate));
    if (name === undefined) throw new Error(`no ${pattern.source} in the platform package`);
    return join(folder, name);
  });
}
