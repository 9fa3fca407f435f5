import { copyFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ModxError } from "@modx/errors";
import { fileBytes, onDisk } from "../cache/disk.ts";
import type { Environment } from "../cache/folders.ts";
import { type Digest, digestOfFile } from "../hash/file-digest.ts";
import { rememberMovedFile, sha256OfFile } from "../hash/file-hash.ts";
import { withFileLock } from "./file-lock.ts";
import type { Access } from "./http-refusal.ts";
import { PartialFile } from "./partial-file.ts";
import { type RetryOptions, withRetries } from "./retry.ts";
import { type OnProgress, transfer } from "./transfer.ts";

export interface DownloadOptions extends RetryOptions {
  /** What the file must be; without it the server's word is all there is. */
  digest?: Digest | undefined;
  bytes?: number | undefined;
  /** Sent as a bearer token; fetch drops it when a redirect leaves the host. */
  token?: string | undefined;
  access?: Access | undefined;
  onProgress?: OnProgress | undefined;
  /** End a request after so long without a byte. */
  stallMs?: number | undefined;
  env?: Environment | undefined;
}

/** A resumed file that is wrong is fetched once more from its first byte; a whole one that is wrong stays wrong. */
const ROUNDS = 2;
/** A cut connection that brought so much more than any before does not count as a failure. */
const PROGRESS_BYTES = 8 << 20;

/**
 * Fetches `url` (http, https or file) into `target`, which appears only when it is whole and right; a target that is
 * there and right is left alone. Goes on where an earlier call stopped, in this process or another. Throws
 * MODX_HUB_NETWORK, MODX_HUB_NOT_FOUND, MODX_HUB_WRONG_FILE, MODX_HUB_DISK, or the signal's reason.
 */
export async function download(url: string, target: string, options: DownloadOptions = {}): Promise<void> {
  if (await isRight(target, options)) return;
  await withFileLock(target, options.signal, async () => {
    // Another process may have fetched it while this one waited.
    if (await isRight(target, options)) return;
    const partial = new PartialFile(target);
    await fetchRight(url, partial, options);
    await partial.finish();
    if (options.digest?.algorithm === "sha256") {
      await rememberMovedFile(target, options.digest.hex, options.env ?? process.env).catch(() => undefined);
    }
  });
}

async function fetchRight(url: string, partial: PartialFile, options: DownloadOptions): Promise<void> {
  const label = withoutSecrets(url);
  for (let round = 1; ; round += 1) {
    const resumed = url.startsWith("file:") ? await copy(url, partial) : await fetchWhole(url, label, partial, options);
    const { digest, bytes, signal } = options;
    const found = digest && (await digestOfFile(partial.path, digest.algorithm, signal));
    if (found === digest?.hex && (bytes === undefined || (await partial.bytes()) === bytes)) return;
    await onDisk(partial.path, () => partial.discard());
    if (!resumed || round === ROUNDS) throw wrongFile(label, digest, found);
  }
}

async function fetchWhole(
  url: string,
  label: string,
  partial: PartialFile,
  options: DownloadOptions,
): Promise<boolean> {
  const job = { ...options, url, label, partial, access: options.access ?? "plain" };
  let furthest = 0;
  return withRetries(label, options, (progressed) =>
    transfer(job, (bytes) => {
      if (bytes < furthest + PROGRESS_BYTES) return;
      furthest = bytes;
      progressed();
    }),
  );
}

/** pip's index may be a folder on this machine. */
async function copy(url: string, partial: PartialFile): Promise<boolean> {
  await onDisk(fileURLToPath(url), async () => {
    await partial.discard();
    await copyFile(fileURLToPath(url), partial.path);
  });
  return false;
}

async function isRight(target: string, { digest, bytes, signal, env }: DownloadOptions): Promise<boolean> {
  const found = await fileBytes(target);
  if (found === null || (bytes !== undefined && found !== bytes)) return false;
  if (digest === undefined) return true;
  if (digest.algorithm === "sha256") return (await sha256OfFile(target, { env, signal })) === digest.hex;
  return (await digestOfFile(target, digest.algorithm, signal)) === digest.hex;
}

/** Signed addresses carry credentials in the query; they stay out of messages. */
function withoutSecrets(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

function wrongFile(label: string, digest: Digest | undefined, found: string | undefined): ModxError {
  return new ModxError("MODX_HUB_WRONG_FILE", {
    what: `${label} is not the expected file: ${digest?.algorithm ?? "size"} ${found ?? "differs"}, expected ${digest?.hex ?? "another"}. It was deleted.`,
    remedy: "Try again; if it stays so, a proxy or a mirror gives out another file.",
  });
}
