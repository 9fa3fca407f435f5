import { constants, inflateRawSync } from "node:zlib";
import type { ByteSource } from "./byte-source.ts";

/**
 * What the compressed entries of one archive may hold together: so much for each byte of it, and never more than fits beside a model.
 * Trained numbers hardly become smaller; what becomes a thousand times as large is made to fill memory.
 */
const [MOST_PER_BYTE, LEAST_BYTES, MOST_BYTES] = [16, 64 << 20, 8 * 2 ** 30];
/** Compressed bytes that are tried at a time where only a beginning is wanted: half a MiB at most comes of them. */
const STEP = 512;

/** What may still be unpacked. */
export interface Budget {
  left: number;
}

export function budgetOf(archiveBytes: number): Budget {
  return { left: Math.min(MOST_BYTES, LEAST_BYTES + MOST_PER_BYTE * archiveBytes) };
}

/** An entry that is compressed. */
export interface Packed {
  source: ByteSource;
  offset: number;
  packed: number;
  size: number;
}

export async function inflated(
  { source, offset, packed, size }: Packed,
  budget: Budget,
  fail: (why: string) => Error,
): Promise<Uint8Array> {
  if (size > budget.left) throw fail(`would be ${size} bytes unpacked, and ${budget.left} are allowed`);
  budget.left -= size;
  const bytes = await source.read(offset, packed);
  try {
    const whole = inflateRawSync(bytes, { maxOutputLength: Math.max(1, size) });
    if (whole.length === size) return whole;
  } catch {
    // said below, as for another size
  }
  throw fail("cannot be unpacked");
}

/** The first `count` bytes of it. */
export async function inflatedHead(
  { source, offset, packed }: Packed,
  count: number,
  fail: (why: string) => Error,
): Promise<Uint8Array> {
  // what cannot be compressed becomes a little longer
  const bytes = await source.read(offset, Math.min(packed, 2 * count + STEP));
  for (let length = Math.min(STEP, bytes.length); ; length = Math.min(length + STEP, bytes.length)) {
    const head = beginning(bytes.subarray(0, length));
    if (head !== null && head.length >= count) return head.subarray(0, count);
    if (head === null || length === bytes.length) throw fail("cannot be unpacked");
  }
}

/** What can be said of a stream by its first bytes; null where it is none. */
function beginning(bytes: Uint8Array): Uint8Array | null {
  try {
    return inflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return null;
  }
}
