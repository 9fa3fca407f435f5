import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Environment } from "../cache/folders.ts";

/** A new folder that goes with the test. */
export async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "modx-hub-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** An environment whose caches are in `folder` and nowhere else. */
export function cachesIn(folder: string, more: Environment = {}): Environment {
  return { XDG_CACHE_HOME: folder, HOME: folder, ...more };
}
