import { ModxError } from "@modx/errors";
import { type ByteSource, damaged } from "../bytes/byte-source.ts";
import { readZip, type ZipEntry } from "../bytes/zip.ts";
import { ELEMENTS, type Element } from "../elements.ts";
import { MAX_PICKLE_BYTES, unpickle } from "../pickle/unpickle.ts";
import { PickledTensor, type Value } from "../pickle/values.ts";
import { type Place, type TensorFile, tensorFile } from "./tensor-file.ts";

const STORAGES: Readonly<Record<string, Element>> = {
  "torch.DoubleStorage": "F64",
  "torch.FloatStorage": "F32",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ByteStorage": "U8",
};
const PICKLE = "data.pkl";
/** How a pickle of torch's own number of its format begins: the form that it wrote before 1.6. */
const BEFORE_ZIP = Buffer.from([0x80, 0x02, 0x8a, 0x0a]);
const MAX_NESTING = 8;
/** Entries of all dictionaries, one that is referred to twice counted twice. */
const MAX_ENTRIES = 100_000;

/**
 * Opens what torch.save writes (since 1.6): a zip archive of a pickle, of which nothing is run, and the numbers beside it. Names in nested
 * dictionaries are joined by dots. Throws MODX_TENSORS_DAMAGED and MODX_TENSORS_REFUSED.
 */
export async function openTorch(source: ByteSource): Promise<TensorFile> {
  await checkForm(source);
  const entries = await readZip(source);
  const pickle = [...entries.values()].find(({ name }) => name === PICKLE || name.endsWith(`/${PICKLE}`));
  if (pickle === undefined) throw damaged(source.name, `it has no ${PICKLE}`);
  if (pickle.size > MAX_PICKLE_BYTES) throw damaged(source.name, `its ${PICKLE} has ${pickle.size} bytes`);
  const root = unpickle(await pickle.read(0, pickle.size), source.name);
  const folder = pickle.name.slice(0, -PICKLE.length);
  const [places, scalars] = [new Map<string, Place>(), new Map<string, number>()];
  for (const [name, value] of flatten(root, source.name)) {
    if (value instanceof PickledTensor)
      places.set(name, placeOf(source, name, value, entries.get(`${folder}data/${value.storage.key}`)));
    else scalars.set(name, value);
  }
  return tensorFile(source, places, scalars);
}

/** Throws MODX_TENSORS_REFUSED for the form from before 1.6. */
async function checkForm(source: ByteSource): Promise<void> {
  if (!BEFORE_ZIP.equals(await source.read(0, Math.min(BEFORE_ZIP.length, source.size)))) return;
  throw new ModxError("MODX_TENSORS_REFUSED", {
    what: `${source.name} is not read: it is in the form that torch wrote before 1.6.`,
    remedy: "Load it with a newer torch where you trust it, and save it again with torch.save.",
  });
}

function placeOf(
  file: ByteSource,
  name: string,
  { storage, offset, shape, strides }: PickledTensor,
  entry: ZipEntry | undefined,
): Place {
  const element = Object.hasOwn(STORAGES, storage.type) ? STORAGES[storage.type] : undefined;
  if (element === undefined) throw damaged(file.name, `"${name}" holds numbers of the type ${storage.type}`);
  const count = shape.reduce((product, length) => product * length, 1);
  if (entry === undefined || entry.size !== storage.length * ELEMENTS[element] || offset + count > storage.length)
    throw damaged(file.name, `"${name}" does not fit its place`);
  const order = orderOf(shape, strides);
  if (order === null)
    throw new ModxError("MODX_TENSORS_REFUSED", {
      what: `${file.name} is not read: "${name}" is a view with gaps.`,
      remedy: "Save it again after .contiguous().",
    });
  return { element, shape, offset: offset * ELEMENTS[element], source: entry, byColumns: order === "columns" };
}

/** Whether numbers lie row by row, or a matrix's column by column; null where neither. */
function orderOf(shape: readonly number[], strides: readonly number[]): "rows" | "columns" | null {
  const follows = (order: readonly number[]): boolean => {
    let step = 1;
    for (const dimension of order) {
      if ((shape[dimension] ?? 1) > 1 && strides[dimension] !== step) return false;
      step *= shape[dimension] ?? 1;
    }
    return true;
  };
  const dimensions = shape.map((_, index) => index);
  if (follows([...dimensions].reverse())) return "rows";
  return shape.length === 2 && follows(dimensions) ? "columns" : null;
}

/** Tensors and numbers with their paths. */
function flatten(root: Value, file: string): [string, PickledTensor | number][] {
  const found: [string, PickledTensor | number][] = [];
  let entries = 0;
  const visit = (value: Value, path: readonly (string | number)[]): void => {
    if (value instanceof PickledTensor || typeof value === "number") found.push([path.join("."), value]);
    if (!(value instanceof Map) || path.length > MAX_NESTING) return;
    for (const [key, inner] of value) {
      // dictionaries may hold each other, and themselves
      if (++entries > MAX_ENTRIES) throw damaged(file, `it has more than ${MAX_ENTRIES} entries`);
      if (typeof key === "string" || typeof key === "number") visit(inner, [...path, key]);
    }
  };
  visit(root, []);
  return found;
}
