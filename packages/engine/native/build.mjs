// Builds the addon: checks llama.cpp's headers out of the pinned bundle, compiles, links against the platform package.
// Plain compiler calls: two small libraries need no build system, and a fresh machine may have none.
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const HERE = dirname(fileURLToPath(import.meta.url));
/** Where the addon is loaded from. */
const OUT = join(HERE, "..", "build");
const require = createRequire(import.meta.url);
const pinned = JSON.parse(readFileSync(join(HERE, "llama-cpp.json"), "utf8"));

export class BuildError extends Error {
  /** @param {string} code @param {string} what @param {string} remedy */
  constructor(code, what, remedy) {
    super(`${code}: ${what} ${remedy}`);
    this.code = code;
  }
}

/** The addon runs on the prebuilt llama.cpp libraries of this platform. */
function checkLibraries() {
  const { platform, arch } = process;
  const name = platform === "darwin" ? (arch === "arm64" ? "mac-arm64-metal" : "mac-x64") : `linux-${arch}`;
  try {
    require.resolve(`@node-llama-cpp/${name}`);
  } catch {
    throw new BuildError(
      "MODX_BUILD_NO_LIBRARIES",
      `There are no prebuilt llama.cpp libraries for ${platform}-${arch} in node_modules.`,
      "Install again without --omit=optional: npm ci",
    );
  }
}

function compiler() {
  for (const name of [process.env.CXX, "c++", "g++", "clang++"]) {
    if (!name) continue;
    try {
      execFileSync(name, ["--version"], { stdio: "ignore" });
      return name;
    } catch {}
  }
  throw new BuildError(
    "MODX_BUILD_NO_COMPILER",
    "No C++ compiler was found (tried $CXX, c++, g++, clang++).",
    "Install one, for example: apt-get install g++",
  );
}

/** Folder with llama.cpp's headers at the pinned commit, fetched once into the cache. */
function headers() {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "modx", "llama.cpp", pinned.commit);
  if (existsSync(join(cache, "complete"))) return cache;
  const work = mkdtempSync(join(tmpdir(), "modx-headers-"));
  try {
    run(
      "npm",
      ["pack", "--silent", `node-llama-cpp@${pinned.package}`, "--pack-destination", work],
      "MODX_BUILD_NO_NETWORK",
      "llama.cpp's headers could not be fetched.",
      "Connect to the npm registry once; afterwards they are cached.",
    );
    const tarball = join(work, `node-llama-cpp-${pinned.package}.tgz`);
    const integrity = `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`;
    if (integrity !== pinned.integrity)
      throw new BuildError(
        "MODX_BUILD_WRONG_HEADERS",
        `node-llama-cpp ${pinned.package} is not the pinned file (${integrity}).`,
        "Do not build with it; check the registry you use.",
      );
    run(
      "tar",
      ["-xzf", tarball, "-C", work, "package/llama/gitRelease.bundle"],
      "MODX_BUILD_NO_TAR",
      "The package could not be unpacked.",
      "Install tar.",
    );
    run(
      "git",
      ["clone", "--quiet", "--no-checkout", join(work, "package/llama/gitRelease.bundle"), join(work, "git")],
      "MODX_BUILD_NO_GIT",
      "The bundle of llama.cpp could not be read.",
      "Install git.",
    );
    mkdirSync(join(work, "headers"));
    const files = execFileSync(
      "git",
      ["-C", join(work, "git"), "archive", pinned.commit, "include", "ggml/include", "src/llama-ext.h"],
      { maxBuffer: 1 << 26 },
    );
    execFileSync("tar", ["-x", "-C", join(work, "headers")], { input: files });
    writeFileSync(join(work, "headers", "complete"), "");
    mkdirSync(dirname(cache), { recursive: true });
    rmSync(cache, { recursive: true, force: true });
    move(join(work, "headers"), cache);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return cache;
}

/** Rename across file systems. */
function move(from, to) {
  try {
    renameSync(from, to);
  } catch {
    execFileSync("cp", ["-r", from, to]);
  }
}

function run(command, args, code, what, remedy) {
  try {
    execFileSync(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  } catch (error) {
    const said = String(error.stderr ?? error.message)
      .trim()
      .split("\n")
      .pop();
    throw new BuildError(code, `${what} (${said})`, remedy);
  }
}

/** Hash of everything that goes into the addon: when it is unchanged there is nothing to build. */
function fingerprint(cxx, sanitize) {
  const hash = createHash("sha256").update(process.platform + process.arch + cxx + sanitize);
  for (const name of readdirSync(HERE).sort()) hash.update(name).update(readFileSync(join(HERE, name)));
  return hash.digest("hex");
}

/**
 * Builds what has changed; returns whether anything had.
 * @param {(line: string) => void} log
 * @param {{out?: string, sanitize?: string}} options `sanitize`: what gcc's and clang's -fsanitize takes
 */
export async function build(log = console.log, { out = OUT, sanitize = "" } = {}) {
  const cxx = compiler();
  const stamp = join(out, "fingerprint");
  const wanted = fingerprint(cxx, sanitize);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return false;
  checkLibraries();
  const llama = headers();
  log("building the llama.cpp addon");
  mkdirSync(out, { recursive: true });
  const includes = [
    join(llama, "include"),
    join(llama, "ggml", "include"),
    join(llama, "src"),
    join(dirname(require.resolve("node-api-headers/package.json")), "include"),
    dirname(require.resolve("node-addon-api/package.json")),
  ];
  const watching = sanitize === "" ? [] : [`-fsanitize=${sanitize}`, "-fno-omit-frame-pointer", "-g"];
  const flags = [
    "-std=c++17",
    "-O3",
    "-fPIC",
    "-fopenmp-simd",
    "-fvisibility=hidden",
    "-Wall",
    "-Wextra",
    "-DNAPI_VERSION=9",
    "-DNODE_ADDON_API_CPP_EXCEPTIONS",
    ...watching,
    ...includes.map((path) => `-isystem${path}`),
  ];
  const sources = readdirSync(HERE).filter((name) => name.endsWith(".cc"));
  const compile = async (name) => {
    const object = join(out, name.replace(/\.cc$/, ".o"));
    await promisify(execFile)(cxx, [...flags, "-c", join(HERE, name), "-o", object], { maxBuffer: 1 << 24 });
    return object;
  };
  const shared = process.platform === "darwin" ? ["-bundle", "-undefined", "dynamic_lookup"] : ["-shared"];
  try {
    const objects = [];
    const waiting = [...sources];
    await Promise.all(
      Array.from({ length: availableParallelism() }, async () => {
        for (let name = waiting.pop(); name; name = waiting.pop()) objects.push(await compile(name));
      }),
    );
    const loader = objects.filter((path) => path.endsWith("loader.o"));
    const addon = objects.filter((path) => !path.endsWith("loader.o"));
    execFileSync(cxx, [...shared, ...watching, ...loader, "-ldl", "-o", join(out, "loader.node")]);
    // not linked against llama.cpp: the loader opens the libraries of the package that is chosen when it runs, whose names differ
    execFileSync(cxx, [...shared, ...watching, ...addon, "-o", join(out, "modx.node")]);
  } catch (error) {
    throw new BuildError(
      "MODX_BUILD_FAILED",
      `The addon did not compile with ${cxx}:\n${error.stderr ?? error.message}`,
      "A C++17 compiler is needed (g++ 9 or clang 10, or later).",
    );
  }
  writeFileSync(stamp, wanted);
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  build().catch((error) => {
    console.error(`modx: ${error.message}`);
    process.exitCode = 1;
  });
}
