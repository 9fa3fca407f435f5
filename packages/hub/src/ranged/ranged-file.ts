import { ModxError } from "@modx/errors";
import { httpRefusal } from "../fetch/http-refusal.ts";
import { type RetryOptions, Transient, withRetries } from "../fetch/retry.ts";
import { StallWatch } from "../fetch/stall-watch.ts";

/** A file on a server of which pieces are read. */
export interface RangedFile {
  /** What it is called in messages. */
  readonly name: string;
  readonly size: number;
  /** Exactly `length` bytes. Throws MODX_HUB_NETWORK, and MODX_HUB_WRONG_FILE where the server answers with others. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface RangedOptions extends RetryOptions {
  url: string;
  name: string;
  size: number;
  /** Sent to the url's own host only. */
  token?: string | undefined;
}

/** Small reads are of headers, one behind the other: what follows is fetched with them. */
const AHEAD_BYTES = 256 << 10;
const STALLED_MS = 30_000;

export function rangedFile(options: RangedOptions): RangedFile {
  const { name, size } = options;
  let held: { offset: number; bytes: Uint8Array } | null = null;
  return {
    name,
    size,
    read: async (offset, length) => {
      if (!(offset >= 0 && length >= 0 && offset + length <= size))
        throw wrongFile(name, `${length} bytes from ${offset} on are beyond its ${size}`);
      if (length === 0) return new Uint8Array();
      if (held !== null && offset >= held.offset && offset + length <= held.offset + held.bytes.length)
        return held.bytes.subarray(offset - held.offset, offset - held.offset + length);
      if (length >= AHEAD_BYTES) return fetchRange(options, offset, length);
      held = { offset, bytes: await fetchRange(options, offset, Math.min(AHEAD_BYTES, size - offset)) };
      return held.bytes.subarray(0, length);
    },
    close: async () => {
      held = null;
    },
  };
}

function fetchRange(
  { url, name, size, token, ...retries }: RangedOptions,
  offset: number,
  length: number,
): Promise<Uint8Array> {
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
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (bytes.length !== length) throw new Transient(`${bytes.length} of ${length} bytes came`);
    return bytes;
  });
}

function wrongFile(name: string, why: string): ModxError {
  return new ModxError("MODX_HUB_WRONG_FILE", {
    what: `${name} cannot be read in pieces: ${why}.`,
    remedy: "Download it and give its path.",
  });
}
