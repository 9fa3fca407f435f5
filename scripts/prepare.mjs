// Brings a clone to the state in which modx runs: packages installed, addon built, TypeScript compiled. Each step is
// skipped when nothing that goes into it has changed. Needs nothing but Node.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const OLDEST_NODE = [20, 19];

/** Says what is missing and how to get it, in one line, and ends the process. */
export function fail(message) {
  console.error(`modx: ${message}`);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    fail(`MODX_START_NODE: Node ${process.versions.node} is too old. Install Node ${OLDEST_NODE.join(".")} or later.`);
  }
}

function hashOf(files) {
  const hash = createHash("sha256").update(process.version);
  for (const file of files) hash.update(file).update(readFileSync(join(ROOT, file)));
  return hash.digest("hex");
}

/** Runs `work` unless its stamp says that it was done for the same inputs. */
async function once(stamp, fingerprint, work) {
  const path = join(ROOT, stamp);
  if (existsSync(path) && readFileSync(path, "utf8") === fingerprint) return;
  await work();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, fingerprint);
}

function install() {
  return once("node_modules/.modx-installed", hashOf(["package-lock.json"]), () => {
    console.error("modx: installing packages");
    const { status, error } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: ROOT,
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (error !== undefined) fail("MODX_START_NPM: npm was not found. Install it beside Node.");
    if (status !== 0)
      fail(
        "MODX_START_INSTALL: the packages could not be installed. Connect to the npm registry and start again; npm's own message is above.",
      );
  });
}

async function buildAddon() {
  const { build } = await import("../packages/engine/native/build.mjs");
  try {
    await build((line) => console.error(`modx: ${line}`));
  } catch (error) {
    fail(error.message);
  }
}

function sources() {
  const files = ["tsconfig.json", "tsconfig.base.json", "package-lock.json"];
  for (const name of readdirSync(join(ROOT, "packages"))) {
    files.push(join("packages", name, "tsconfig.json"));
    for (const entry of readdirSync(join(ROOT, "packages", name, "src"), { recursive: true, withFileTypes: true })) {
      if (entry.isFile() && /\.tsx?$/.test(entry.name))
        files.push(join(entry.parentPath, entry.name).slice(ROOT.length + 1));
    }
  }
  return files.sort();
}

function compile() {
  return once("node_modules/.modx-compiled", hashOf(sources()), () => {
    console.error("modx: compiling TypeScript");
    const { status } = spawnSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-b"], {
      cwd: ROOT,
      stdio: "inherit",
    });
    if (status !== 0) fail("MODX_START_COMPILE: TypeScript did not compile; its messages are above.");
  });
}

export async function prepare() {
  checkNode();
  await install();
  await buildAddon();
  await compile();
}
