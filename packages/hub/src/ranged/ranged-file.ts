import { ModxError } from "@modx/errors";
import { httpRefusal } from "../fetch/http-refusal.ts";
import { type RetryOptions, Transient, withRetries } from "../fetch/retry.ts";
import { StallWatch } from "../fetch/stall-watch.ts";
import { BLOCK_BYTES, type KeptBlocks } from "./kept-blocks.ts";
import { runsOf } from "./runs.ts";

/** A file on a server of which pieces are read. */
export interface RangedFile {
  /** What it is called in messages. */
  readonly name: string;
  readonly size: number;
  /**
   * Exactly `length` bytes. Throws MODX_HUB_NETWORK, MODX_HUB_OFFLINE where they are not kept, and MODX_HUB_WRONG_FILE where the server
   * answers with others.
   */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface RangedOptions extends RetryOptions {
  url: string;
  name: string;
  size: number;
  /** Sent to the url's own host only. */
  token?: string | undefined;
  /** Fetch nothing: what is not kept cannot be read. */
  offline: boolean;
  kept: KeptBlocks;
}

/** Blocks of one request, 32 MiB: so much at most is fetched again where a connection breaks. */
const MOST_BLOCKS = 128;
const STALLED_MS = 30_000;

export function rangedFile(options: RangedOptions): RangedFile {
  const { name, size, kept } = options;
  // small reads are of headers and rows, several in the same block
  let held: { block: number; bytes: Uint8Array } | null = null;
  return {
    name,
    size,
    read: async (offset, length) => {
      if (!(offset >= 0 && length >= 0 && offset + length <= size))
        throw wrongFile(name, `${length} bytes from ${offset} on are beyond its ${size}`);
      const out = new Uint8Array(length);
      const copy = (block: number, bytes: Uint8Array): void => {
        const [from, to] = [
          Math.max(offset, block * BLOCK_BYTES),
          Math.min(offset + length, (block + 1) * BLOCK_BYTES),
        ];
        out.set(bytes.subarray(from - block * BLOCK_BYTES, to - block * BLOCK_BYTES), from - offset);
        held = { block, bytes };
      };
      const missing: number[] = [];
      for (let block = Math.floor(offset / BLOCK_BYTES); block * BLOCK_BYTES < offset + length; block++) {
        const bytes = held?.block === block ? held.bytes : await kept.read(block);
        if (bytes === null) missing.push(block);
        else copy(block, bytes);
      }
      for (const { first, last } of runsOf(missing, MOST_BLOCKS)) {
        const begin = first * BLOCK_BYTES;
        const bytes = await fetchRange(options, begin, Math.min(size, (last + 1) * BLOCK_BYTES) - begin);
        for (let block = first; block <= last; block++) {
          // a copy: what is held keeps no other block in memory
          const piece = bytes.slice((block - first) * BLOCK_BYTES, (block - first + 1) * BLOCK_BYTES);
          await kept.keep(block, piece);
          copy(block, piece);
        }
      }
      if (await kept.areRight()) return out;
      held = null;
      throw wrongFile(name, "its hash is not the one that the hub lists");
    },
    close: async () => {
      held = null;
    },
  };
}

function fetchRange(
  { url, name, size, token, offline, ...retries }: RangedOptions,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  if (offline)
    throw new ModxError("MODX_HUB_OFFLINE", {
      what: `${name} is on the hub, what is wanted of it has not been read before, and modx is offline.`,
      remedy: "Run once without --offline and HF_HUB_OFFLINE, or download the folder and give its path.",
    });
  return withRetries(name, retries, async () => {
    using watch = new StallWatch(STALLED_MS, retries.signal);
    const headers = new Headers({
      range: `bytes=${offset}-${offset + length - 1}`,
      "user-agent": "modx",
      "accept-encoding": "identity",
    });
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
    const response = await fetch(url, { headers, signal: watch.signal });
    if (!response.ok) throw httpRefusal(response, name, token === undefined ? "hub-anonymous" : "hub-token");
    if (response.status !== 206) throw wrongFile(name, "the server does not send pieces of it");
    const [, first, , total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers.get("content-range") ?? "") ?? [];
    if (Number(first) !== offset || Number(total) !== size)
      throw wrongFile(name, "it is another file than the one that was listed");
    const bytes = new Uint8Array(length);
    let at = 0;
    for await (const chunk of response.body ?? []) {
      watch.seen();
      if (at + chunk.length <= length) bytes.set(chunk, at);
      at += chunk.length;
    }
    if (at !== length) throw new Transient(`${at} of ${length} bytes came`);
    return bytes;
  });
}

function wrongFile(name: string, why: string): ModxError {
  return new ModxError("MODX_HUB_WRONG_FILE", {
    what: `${name} cannot be read in pieces: ${why}.`,
    remedy: "Download it and give its path.",
  });
}
