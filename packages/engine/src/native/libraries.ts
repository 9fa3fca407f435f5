import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ModxError } from "@modx/errors";

/** What computes: `auto` takes the best that is installed. */
export const ACCELERATORS = ["auto", "cpu", "cuda", "vulkan", "metal"] as const;
export type Accelerator = (typeof ACCELERATORS)[number];

/** Flavours of the platform package beside the plain one, best first. They are large, and installed by whoever wants them. */
const FLAVOURS = ["cuda", "vulkan"] as const;

/**
 * Folder of llama.cpp's prebuilt libraries, wherever npm put the package. Apple's packages for arm64 hold Metal and the CPU. Throws
 * MODX_ENGINE_PLATFORM where there is none for this machine, MODX_ENGINE_ACCELERATOR where the one that is asked for is not installed.
 */
export function librariesFolder(accelerator: Accelerator = "auto"): string {
  const { platform, arch } = process;
  const metal = platform === "darwin" && arch === "arm64";
  const plain = platform === "darwin" ? (metal ? "mac-arm64-metal" : "mac-x64") : `linux-${arch}`;
  const flavours = platform === "darwin" ? [] : FLAVOURS.map((flavour) => [flavour, `${plain}-${flavour}`] as const);
  if (accelerator === "auto")
    for (const [, name] of flavours) {
      const folder = folderOf(name);
      if (folder !== null) return folder;
    }
  const wanted = flavours.find(([flavour]) => flavour === accelerator)?.[1];
  if (wanted !== undefined) {
    const folder = folderOf(wanted);
    if (folder !== null) return folder;
    throw new ModxError("MODX_ENGINE_ACCELERATOR", {
      what: `llama.cpp's libraries for ${accelerator} are not installed.`,
      remedy: `Install them: npm install --no-save @node-llama-cpp/${wanted}@${versionOf(plain)}; or use --accelerator cpu.`,
    });
  }
  if (accelerator === "cuda" || accelerator === "vulkan" || (accelerator === "metal" && !metal))
    throw new ModxError("MODX_ENGINE_ACCELERATOR", {
      what: `There is no ${accelerator} on ${platform}-${arch}.`,
      remedy: "Use --accelerator auto.",
    });
  const folder = folderOf(plain);
  if (folder !== null) return folder;
  throw new ModxError("MODX_ENGINE_PLATFORM", {
    what: `There are no prebuilt llama.cpp libraries for ${platform}-${arch} in node_modules.`,
    remedy: "Install without --omit=optional on Linux (x64, arm64, glibc) or macOS.",
  });
}

/** Paths of llama.cpp's libraries, each after those it needs; names carry flavour and version. */
export function libraryFiles(folder: string): string[] {
  const names = readdirSync(folder);
  return [/^libggml-base\./, /^libggml\.(\w+\.)?v/, /^libllama\.(\w+\.)?v/].map((pattern) => {
    const name = names.find((candidate) => pattern.test(candidate));
    if (name === undefined) throw new Error(`no ${pattern.source} in the platform package`);
    return join(folder, name);
  });
}

const require = createRequire(import.meta.url);

function folderOf(name: string): string | null {
  try {
    return join(dirname(require.resolve(`@node-llama-cpp/${name}`)), "..", "bins", name);
  } catch {
    return null;
  }
}

/** All flavours have the same; the package does not export its own description. */
function versionOf(name: string): string {
  const description = join(dirname(require.resolve(`@node-llama-cpp/${name}`)), "..", "package.json");
  return (JSON.parse(readFileSync(description, "utf8")) as { version: string }).version;
}
