import { type FileHandle, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { ModxError } from "@modx/errors";
import { diskError, onDisk } from "../cache/disk.ts";
import type { Digest } from "../hash/file-digest.ts";
import { answered, type Continuation } from "./answer.ts";
import { type Access, httpRefusal } from "./http-refusal.ts";
import type { PartialFile } from "./partial-file.ts";
import { Transient } from "./retry.ts";
import { StallWatch } from "./stall-watch.ts";

/** Called with the bytes on disk so far and the size of the whole, where it is known. */
export type OnProgress = (doneBytes: number, totalBytes: number | null) => void;

export interface Transfer {
  url: string;
  partial: PartialFile;
  /** How messages name the file. */
  label: string;
  token?: string | undefined;
  access: Access;
  digest?: Digest | undefined;
  bytes?: number | undefined;
  stallMs?: number | undefined;
  onProgress?: OnProgress | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * One request: brings `partial` from what it holds to the whole file. True when it built on bytes of an earlier
 * request. `reached` hears how far it has come. Throws a ModxError for good, anything else for "try again".
 */
export async function transfer(job: Transfer, reached: (bytes: number) => void): Promise<boolean> {
  const from = await continuation(job);
  if (from.start > 0 && from.start === from.total) return true;
  using watch = new StallWatch(job.stallMs, job.signal);
  const headers = new Headers({ "accept-encoding": "identity", "user-agent": "modx" });
  if (job.token !== undefined) headers.set("authorization", `Bearer ${job.token}`);
  if (from.start > 0) headers.set("range", `bytes=${from.start}-`);
  if (from.start > 0 && from.validator !== null) headers.set("if-range", from.validator);

  const response = await fetch(job.url, { headers, signal: watch.signal });
  watch.seen();
  const answer = answered(response, from);
  if (answer === "refused") {
    throw httpRefusal(response, job.label, job.access);
  }
  if (answer === "changed") {
    await onDisk(job.partial.path, () => job.partial.discard());
    throw new Transient("the file changed on the server");
  }
  const { start, total, validator } = answer;
  if (job.bytes !== undefined && total !== null && total !== job.bytes) {
    throw wrongSize(job.label, job.bytes, total);
  }
  await checkSpace(job.partial.path, (total ?? start) - start);
  const handle = start > 0 ? await job.partial.resume() : await job.partial.begin({ url: job.url, validator, total });
  try {
    let at = start;
    job.onProgress?.(at, total);
    for await (const chunk of response.body ?? []) {
      watch.seen();
      at = await onDisk(job.partial.path, () => writeAll(handle, chunk, at));
      if (at > (job.bytes ?? Infinity)) throw wrongSize(job.label, job.bytes ?? 0, at);
      reached(at);
      job.onProgress?.(at, total);
    }
    if (total !== null && at !== total) throw new Transient(`the connection ended after ${at} of ${total} bytes`);
  } finally {
    await handle.close();
  }
  return start > 0;
}

/** Where to go on. Without a validator only a known digest can tell that the two halves belong together. */
async function continuation({ partial, url, digest, bytes }: Transfer): Promise<Continuation> {
  const state = await partial.state();
  const start = await partial.bytes();
  const total = bytes ?? state?.total ?? null;
  const sameFile = digest !== undefined || (state?.url === url && state.validator !== null);
  if (!sameFile || (total !== null && start > total)) return { start: 0, total: null, validator: null };
  return { start, total, validator: state?.url === url ? state.validator : null };
}

async function writeAll(handle: FileHandle, chunk: Uint8Array, position: number): Promise<number> {
  let written = 0;
  while (written < chunk.byteLength) {
    written += (await handle.write(chunk, written, chunk.byteLength - written, position + written)).bytesWritten;
  }
  return position + written;
}

async function checkSpace(path: string, needed: number): Promise<void> {
  const facts = await statfs(dirname(path)).catch(() => null);
  if (facts === null || facts.bavail * facts.bsize >= needed) return;
  throw diskError(path, `${needed} bytes are needed and ${facts.bavail * facts.bsize} are free`);
}

function wrongSize(label: string, expected: number, found: number): ModxError {
  return new ModxError("MODX_HUB_WRONG_FILE", {
    what: `${label} has ${found} bytes on the server instead of ${expected}.`,
    remedy: "Try again; if it stays so, a proxy or a mirror gives out another file.",
  });
}
