/** Limits of a file that somebody else may have written: what a header may be before it is believed. */
export const MAX_HEADER_BYTES = 16 << 20;
const MAX_DIMENSIONS = 8;

export type Fail = (why: string) => Error;

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
export function placeOf(
  key: string,
  entry: unknown,
  available: number,
  sizes: Readonly<Record<string, number>>,
  fail: Fail,
): { element: string; shape: number[]; start: number; end: number } {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (typeof dtype !== "string" || !Object.hasOwn(sizes, dtype))
    throw fail(`tensor "${key}" has the type ${String(dtype)}`);
  if (!isCounts(shape) || shape.length > MAX_DIMENSIONS) throw fail(`tensor "${key}" has no valid shape`);
  if (!isCounts(offsets) || offsets.length !== 2) throw fail(`tensor "${key}" has no valid place`);
  const [start = 0, end = 0] = offsets;
  const wanted = shape.reduce((product, length) => product * length, sizes[dtype] ?? 0);
  if (start > end || end > available || end - start !== wanted) throw fail(`tensor "${key}" does not fit its place`);
  return { element: dtype, shape, start, end };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
