/** Limits of a file that somebody else may have written: what a header may be before it is believed. */
const MAX_HEADER_BYTES = 16 << 20;
const MAX_DIMENSIONS = 8;

export type Fail = (why: string) => Error;

/** Bytes of the length field before the header. */
export const LENGTH_BYTES = 8;

/** Bytes of the header, by a file's first eight, checked against what the file has. */
export function headerLength(head: Uint8Array, size: number, fail: Fail): number {
  if (head.length < LENGTH_BYTES) throw fail("it is shorter than its header's length field");
  const bytes = Number(new DataView(head.buffer, head.byteOffset, LENGTH_BYTES).getBigUint64(0, true));
  if (bytes > MAX_HEADER_BYTES || LENGTH_BYTES + bytes > size) throw fail(`its header claims ${bytes} bytes`);
  return bytes;
}

export function parseHeader(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw fail("its header is not JSON");
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) throw fail("its header is not an object");
  return header as Record<string, unknown>;
}

/** An entry of the header, checked against the bytes that are there; `sizes` has the bytes of the types that are read. */
export function placeOf<E extends string>(
  key: string,
  entry: unknown,
  available: number,
  sizes: Readonly<Record<E, number>>,
  fail: Fail,
): { element: E; shape: number[]; start: number; end: number } {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const known = (name: unknown): name is E => typeof name === "string" && Object.hasOwn(sizes, name);
  if (!known(dtype)) throw fail(`tensor "${key}" has the type ${String(dtype)}`);
  if (!isCounts(shape) || shape.length > MAX_DIMENSIONS) throw fail(`tensor "${key}" has no valid shape`);
  if (!isCounts(offsets) || offsets.length !== 2) throw fail(`tensor "${key}" has no valid place`);
  const [start = 0, end = 0] = offsets;
  const wanted = shape.reduce((product, length) => product * length, sizes[dtype]);
  if (start > end || end > available || end - start !== wanted) throw fail(`tensor "${key}" does not fit its place`);
  return { element: dtype, shape, start, end };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

/** Throws where two tensors share bytes: each is copied, so that a small file would fill memory. The format forbids it. */
export function checkApart(places: Iterable<{ start: number; end: number }>, fail: Fail): void {
  let before = 0;
  for (const { start, end } of [...places].filter(({ start, end }) => end > start).sort((a, b) => a.start - b.start)) {
    if (start < before) throw fail("tensors share bytes");
    before = end;
  }
}
