import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ModxError } from "@modx/errors";

/** What computes: `auto` takes the best that is installed. */
export const ACCELERATORS = ["auto", "cpu", "cuda", "vulkan", "metal"] as const;
export type Accelerator = (typeof ACCELERATORS)[number];

/** Packages of llama.cpp's libraries for a platform, the best first. Those for CUDA and Vulkan are large, and installed by whoever wants them. */
function packagesOf(platform: string, arch: string): Partial<Record<Accelerator, string>> {
  if (platform !== "darwin")
    return { cuda: `linux-${arch}-cuda`, vulkan: `linux-${arch}-vulkan`, cpu: `linux-${arch}` };
  // Apple's for arm64 hold both
  return arch === "arm64" ? { metal: "mac-arm64-metal", cpu: "mac-arm64-metal" } : { cpu: "mac-x64" };
}

/**
 * Folder of llama.cpp's prebuilt libraries, wherever npm put the package. Throws MODX_ENGINE_PLATFORM where there is none for this
 * machine, MODX_ENGINE_ACCELERATOR where the one that is asked for is not installed, or cannot be.
 */
export function librariesFolder(accelerator: Accelerator = "auto"): string {
  const { platform, arch } = process;
  const packages = packagesOf(platform, arch);
  const wanted = accelerator === "auto" ? Object.values(packages) : [packages[accelerator]];
  for (const name of wanted) {
    const folder = name === undefined ? null : folderOf(name);
    if (folder !== null) return folder;
  }
  if (accelerator === "auto" || accelerator === "cpu")
    throw new ModxError("MODX_ENGINE_PLATFORM", {
      what: `There are no prebuilt llama.cpp libraries for ${platform}-${arch} in node_modules.`,
      remedy: "Install without --omit=optional on Linux (x64, arm64, glibc) or macOS.",
    });
  const missing = packages[accelerator];
  throw new ModxError(
    "MODX_ENGINE_ACCELERATOR",
    missing === undefined
      ? { what: `There is no ${accelerator} on ${platform}-${arch}.`, remedy: "Use --accelerator auto." }
      : {
          what: `llama.cpp's libraries for ${accelerator} are not installed.`,
          remedy: `Install them: npm install --no-save @node-llama-cpp/${missing}@${versionOf(packages.cpu ?? "")}; or use --accelerator cpu.`,
        },
  );
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
