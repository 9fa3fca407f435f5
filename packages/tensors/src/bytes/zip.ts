import { inflateRawSync } from "node:zlib";
import { type ByteSource, bytesInMemory, damaged } from "./byte-source.ts";

/** What an archive that somebody else wrote may be before it is believed. */
const MAX_DIRECTORY_BYTES = 64 << 20;
const MAX_ENTRIES = 100_000;
/** Of an entry that is compressed and has to be unpacked in memory. */
const MAX_UNPACKED_BYTES = 8 * 2 ** 30;

const [END, END_64, LOCATOR_64, ENTRY, LOCAL] = [0x06054b50, 0x06064b50, 0x07064b50, 0x02014b50, 0x04034b50];
const [STORED, DEFLATED] = [0, 8];
const END_BYTES = 22;
const COMMENT_BYTES = 65_535;
const NONE_32 = 0xffffffff;

export interface ZipEntry {
  readonly name: string;
  /** Unpacked. */
  readonly size: number;
  /** Where its bytes lie, and the source that they lie in: the archive itself where they are stored as they are. */
  locate(): Promise<{ source: ByteSource; offset: number }>;
}

/** Entries of a zip archive, by its directory alone. Throws MODX_TENSORS_DAMAGED. */
export async function readZip(source: ByteSource): Promise<Map<string, ZipEntry>> {
  const fail = (why: string): Error => damaged(source.name, why);
  const { offset, size, count } = await findDirectory(source, fail);
  if (size > MAX_DIRECTORY_BYTES || count > MAX_ENTRIES)
    throw fail(`its directory claims ${count} entries in ${size} bytes`);
  const directory = viewOf(await source.read(offset, size));
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > size || directory.getUint32(at, true) !== ENTRY) throw fail("its directory is cut off");
    const [flags, method] = [directory.getUint16(at + 8, true), directory.getUint16(at + 10, true)];
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => directory.getUint16(at + field, true));
    const next = at + 46 + (nameBytes ?? 0) + (extraBytes ?? 0) + (commentBytes ?? 0);
    if (next > size) throw fail("its directory is cut off");
    const name = textOf(directory, at + 46, nameBytes ?? 0);
    const fields = sizesOf(directory, at, at + 46 + (nameBytes ?? 0), extraBytes ?? 0, fail);
    if ((flags & 1) !== 0) throw fail(`"${name}" is encrypted`);
    if (method !== STORED && method !== DEFLATED) throw fail(`"${name}" is compressed by method ${method}`);
    if (method === STORED && fields.packed !== fields.size) throw fail(`"${name}" has two sizes`);
    entries.set(name, entryOf(source, name, method, fields, fail));
    at = next;
  }
  return entries;
}

interface Sizes {
  packed: number;
  size: number;
  header: number;
}

function entryOf(
  source: ByteSource,
  name: string,
  method: number,
  { packed, size, header }: Sizes,
  fail: (why: string) => Error,
): ZipEntry {
  const dataAt = async (): Promise<number> => {
    const local = viewOf(await source.read(header, 30));
    if (local.getUint32(0, true) !== LOCAL) throw fail(`"${name}" is not where the directory says`);
    return header + 30 + local.getUint16(26, true) + local.getUint16(28, true);
  };
  let unpacked: Promise<{ source: ByteSource; offset: number }> | undefined;
  const unpack = async (): Promise<{ source: ByteSource; offset: number }> => {
    if (size > MAX_UNPACKED_BYTES) throw fail(`"${name}" claims ${size} bytes`);
    const bytes = await source.read(await dataAt(), packed);
    try {
      const whole = inflateRawSync(bytes, { maxOutputLength: Math.max(1, size) });
      if (whole.length !== size) throw new Error("another size");
      return { source: bytesInMemory(`${source.name}:${name}`, whole), offset: 0 };
    } catch {
      throw fail(`"${name}" cannot be unpacked`);
    }
  };
  return {
    name,
    size,
    locate: async () => {
      if (method === STORED) return { source, offset: await dataAt() };
      unpacked ??= unpack();
      return unpacked;
    },
  };
}

async function findDirectory(
  source: ByteSource,
  fail: (why: string) => Error,
): Promise<{ offset: number; size: number; count: number }> {
  if (source.size < END_BYTES) throw fail("it is no zip archive");
  const tailBytes = Math.min(source.size, END_BYTES + COMMENT_BYTES);
  const tail = viewOf(await source.read(source.size - tailBytes, tailBytes));
  let at = tailBytes - END_BYTES;
  while (at >= 0 && tail.getUint32(at, true) !== END) at -= 1;
  if (at < 0) throw fail("it is no zip archive");
  const [count, size, offset] = [
    tail.getUint16(at + 10, true),
    tail.getUint32(at + 12, true),
    tail.getUint32(at + 16, true),
  ];
  const locator = at - 20;
  if (locator < 0 || tail.getUint32(locator, true) !== LOCATOR_64) return { offset, size, count };
  const end = viewOf(await source.read(Number(tail.getBigUint64(locator + 8, true)), 56));
  if (end.getUint32(0, true) !== END_64) throw fail("its directory is not where it says");
  const [count64, size64, offset64] = [32, 40, 48].map((field) => Number(end.getBigUint64(field, true)));
  return { offset: offset64 ?? 0, size: size64 ?? 0, count: count64 ?? 0 };
}

/** Sizes and place of an entry; those that need 64 bits stand in its extra field. */
function sizesOf(
  directory: DataView,
  at: number,
  extraAt: number,
  extraBytes: number,
  fail: (why: string) => Error,
): Sizes {
  const short = {
    size: directory.getUint32(at + 24, true),
    packed: directory.getUint32(at + 20, true),
    header: directory.getUint32(at + 42, true),
  };
  const long = { ...short };
  const missing = (["size", "packed", "header"] as const).filter((field) => short[field] === NONE_32);
  if (missing.length === 0) return long;
  for (let field = extraAt; field + 4 <= extraAt + extraBytes; ) {
    const [id, bytes] = [directory.getUint16(field, true), directory.getUint16(field + 2, true)];
    if (id === 1 && bytes >= 8 * missing.length && field + 4 + bytes <= extraAt + extraBytes) {
      for (const [index, name] of missing.entries())
        long[name] = Number(directory.getBigUint64(field + 4 + 8 * index, true));
      return long;
    }
    field += 4 + bytes;
  }
  throw fail("an entry lacks its size");
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function textOf(view: DataView, at: number, length: number): string {
  return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, length));
}
