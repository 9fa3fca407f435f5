import { type ByteSource, damaged } from "./byte-source.ts";
import { type Budget, budgetOf, inflated, inflatedHead } from "./inflate.ts";

/** What an archive that somebody else wrote may be before it is believed. */
const MAX_DIRECTORY_BYTES = 64 << 20;
const MAX_ENTRIES = 100_000;

const [END, END_64, LOCATOR_64, ENTRY, LOCAL] = [0x06054b50, 0x06064b50, 0x07064b50, 0x02014b50, 0x04034b50];
const [STORED, DEFLATED] = [0, 8];
const END_BYTES = 22;
const COMMENT_BYTES = 65_535;
const NONE_32 = 0xffffffff;

export interface ZipEntry {
  readonly name: string;
  /** Unpacked. */
  readonly size: number;
  /** Its first bytes, as many as there are; nothing more is unpacked. */
  head(length: number): Promise<Uint8Array>;
  /** Exactly `length` of its bytes. What is compressed is unpacked whole, once, and stays in memory. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Entries of a zip archive, by its directory alone. Throws MODX_TENSORS_DAMAGED. */
export async function readZip(source: ByteSource): Promise<Map<string, ZipEntry>> {
  const fail = (why: string): Error => damaged(source.name, why);
  const { offset, size, count } = await findDirectory(source, fail);
  if (size > MAX_DIRECTORY_BYTES || count > MAX_ENTRIES)
    throw fail(`its directory claims ${count} entries in ${size} bytes`);
  const directory = viewOf(await source.read(offset, size));
  const entries = new Map<string, ZipEntry>();
  const budget = budgetOf(source.size);
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
    entries.set(name, entryOf(source, name, method === STORED ? null : budget, fields, fail));
    at = next;
  }
  return entries;
}

interface Sizes {
  packed: number;
  size: number;
  header: number;
}

/** `budget` is null where its bytes are stored as they are. */
function entryOf(
  source: ByteSource,
  name: string,
  budget: Budget | null,
  { packed, size, header }: Sizes,
  fail: (why: string) => Error,
): ZipEntry {
  let begin: number | undefined;
  const packedAt = async (): Promise<number> => {
    if (begin !== undefined) return begin;
    const local = viewOf(await source.read(header, 30));
    if (local.getUint32(0, true) !== LOCAL) throw fail(`"${name}" is not where the directory says`);
    begin = header + 30 + local.getUint16(26, true) + local.getUint16(28, true);
    return begin;
  };
  const failed = (why: string): Error => fail(`"${name}" ${why}`);
  let whole: Promise<Uint8Array> | undefined;
  return {
    name,
    size,
    head: async (length) => {
      const count = Math.min(length, size);
      if (budget === null) return source.read(await packedAt(), count);
      return inflatedHead({ source, offset: await packedAt(), packed, size }, count, failed);
    },
    read: async (offset, length) => {
      if (!(offset >= 0 && length >= 0 && offset + length <= size))
        throw failed(`has ${size} bytes, and ${length} from ${offset} on are wanted`);
      if (budget === null) return source.read((await packedAt()) + offset, length);
      whole ??= packedAt().then((at) => inflated({ source, offset: at, packed, size }, budget, failed));
      return (await whole).subarray(offset, offset + length);
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
