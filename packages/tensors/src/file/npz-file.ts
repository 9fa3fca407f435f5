import { type ByteSource, damaged } from "../bytes/byte-source.ts";
import { readZip, type ZipEntry } from "../bytes/zip.ts";
import { ELEMENTS, type Element } from "../elements.ts";
import { type Place, type TensorFile, tensorFile } from "./tensor-file.ts";

const MAX_HEADER_BYTES = 1 << 16;
const MAX_DIMENSIONS = 8;
/** numpy's names of little-endian types. */
const TYPES: Readonly<Record<string, Element>> = {
  "<f8": "F64",
  "<f4": "F32",
  "<f2": "F16",
  "<i8": "I64",
  "<i4": "I32",
  "|u1": "U8",
};
const MAGIC = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]);

/** Opens numpy's archive of arrays by their headers. What is stored uncompressed is read in pieces. Throws MODX_TENSORS_DAMAGED. */
export async function openNpz(source: ByteSource): Promise<TensorFile> {
  const places = new Map<string, Place>();
  for (const entry of (await readZip(source)).values())
    if (entry.name.endsWith(".npy"))
      places.set(entry.name.slice(0, -".npy".length), await placeOf(entry, (why) => damaged(source.name, why)));
  return tensorFile(source, places);
}

async function placeOf(entry: ZipEntry, fail: (why: string) => Error): Promise<Place> {
  const head = await entry.head(12);
  const [major = 0] = head.subarray(6);
  if (head.length < 10 || !MAGIC.equals(head.subarray(0, 6)) || major < 1 || major > 3)
    throw fail(`"${entry.name}" is no array of numpy`);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const [begin, length] =
    major === 1 || head.length < 12 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  if (length > MAX_HEADER_BYTES || begin + length > entry.size)
    throw fail(`"${entry.name}" claims a header of ${length} bytes`);
  const header = new TextDecoder("latin1").decode((await entry.head(begin + length)).subarray(begin));
  const type = /'descr':\s*'([^']{1,8})'/.exec(header)?.[1] ?? "";
  const byColumns = /'fortran_order':\s*True/.test(header);
  const shape = shapeOf(/'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1]);
  const element = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (element === undefined) throw fail(`"${entry.name}" holds numbers of the type ${type || "(none)"}`);
  if (shape === null || (byColumns && shape.length > 2)) throw fail(`"${entry.name}" has no valid shape`);
  const bytes = shape.reduce((product, dimension) => product * dimension, ELEMENTS[element]);
  if (begin + length + bytes !== entry.size) throw fail(`"${entry.name}" does not fit its place`);
  return { element, shape, offset: begin + length, source: entry, byColumns: byColumns && shape.length === 2 };
}

function shapeOf(text: string | undefined): number[] | null {
  if (text === undefined) return null;
  const shape = text.split(",").flatMap((part) => (part.trim() === "" ? [] : [Number(part)]));
  return shape.length <= MAX_DIMENSIONS && shape.every((count) => Number.isSafeInteger(count) && count >= 0)
    ? shape
    : null;
}
