import { ModxError } from "@modx/errors";
import { type ByteSource, damaged } from "../bytes/byte-source.ts";
import { ELEMENTS, type Element, toFloats } from "../elements.ts";

/** Where a tensor's numbers lie: row-major and without gaps, except that a matrix may lie by columns. */
export interface Place {
  element: Element;
  shape: readonly number[];
  /** Of the first number. */
  offset: number;
  /** What it lies in, as far as this is read. */
  source: Pick<ByteSource, "read">;
  byColumns?: boolean;
}

/** A file of named tensors, of any format, of which only what is asked for is read. */
export interface TensorFile {
  readonly names: readonly string[];
  has(name: string): boolean;
  /** Throws MODX_TENSORS_MISSING. */
  shape(name: string): readonly number[];
  /** Numbers of `count` rows of the first dimension from `from` on (all, when absent), as floats. A scalar is one row. */
  rows(name: string, from?: number, count?: number): Promise<Float32Array>;
  /** Whether its numbers lie column by column, so that any rows are read from all of it. Throws MODX_TENSORS_MISSING. */
  byColumns(name: string): boolean;
  /** As `rows`, but as they lie in the file: of what lies by columns `count` columns, one after another. */
  lines(name: string, from: number, count: number): Promise<Float32Array>;
  /** Numbers that are not tensors, where the format has such: sizes, thresholds. */
  readonly scalars: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

export function tensorFile(
  source: ByteSource,
  places: ReadonlyMap<string, Place>,
  scalars: ReadonlyMap<string, number> = new Map(),
): TensorFile {
  const placeOf = (name: string): Place => {
    const place = places.get(name);
    if (place !== undefined) return place;
    throw new ModxError("MODX_TENSORS_MISSING", {
      what: `${source.name} has no tensor "${name}", but ${[...places.keys()].slice(0, 12).join(", ") || "none at all"}.`,
      remedy: "Check that it is a file of the family that you named.",
    });
  };
  return {
    names: [...places.keys()],
    scalars,
    has: (name) => places.has(name),
    shape: (name) => placeOf(name).shape,
    rows: (name, from = 0, count) => rowsOf(source.name, name, placeOf(name), from, count),
    byColumns: (name) => placeOf(name).byColumns ?? false,
    lines: (name, from, count) => linesOf(source.name, name, asItLies(placeOf(name)), from, count),
    close: () => source.close(),
  };
}

/** What lies by columns is another matrix that lies by rows. */
function asItLies(place: Place): Place {
  return place.byColumns === true ? { ...place, shape: [...place.shape].reverse(), byColumns: false } : place;
}

async function linesOf(file: string, name: string, place: Place, from: number, wanted?: number): Promise<Float32Array> {
  const { element, shape, offset, source } = place;
  const [rows = 1, ...inner] = shape;
  const count = countOf(file, name, rows, from, wanted);
  const bytes = inner.reduce((product, length) => product * length, ELEMENTS[element]);
  return toFloats(element, await source.read(offset + from * bytes, count * bytes));
}

async function rowsOf(file: string, name: string, place: Place, from: number, wanted?: number): Promise<Float32Array> {
  const { shape, byColumns = false } = place;
  if (!byColumns) return linesOf(file, name, place, from, wanted);
  const [rows = 0, width = 0] = shape;
  const count = countOf(file, name, rows, from, wanted);
  const columns = await linesOf(file, name, asItLies(place), 0);
  const out = new Float32Array(count * width);
  for (let row = 0; row < count; row++)
    for (let column = 0; column < width; column++) out[row * width + column] = columns[column * rows + from + row] ?? 0;
  return out;
}

/** All that follow, where no number is wanted. Throws MODX_TENSORS_DAMAGED where there are not as many. */
function countOf(file: string, name: string, rows: number, from: number, wanted = rows - from): number {
  if (from >= 0 && wanted >= 0 && from + wanted <= rows) return wanted;
  throw damaged(file, `"${name}" has ${rows} rows, and ${wanted} from ${from} on are wanted`);
}
