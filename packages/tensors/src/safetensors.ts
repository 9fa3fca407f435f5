import { damaged } from "./bytes/byte-source.ts";
import { toFloats } from "./elements.ts";
import { floatsToHalves } from "./half.ts";
import { checkApart, headerLength, LENGTH_BYTES, parseHeader, placeOf } from "./safetensors-header.ts";

export type Dtype = "F32" | "F16" | "I32";

export interface Tensor {
  dtype: Dtype;
  shape: readonly number[];
  /** Row-major. F16 is widened. */
  data: Float32Array | Int32Array;
}

const BYTES: Record<Dtype, number> = { F32: 4, F16: 2, I32: 4 };

/**
 * Reads a safetensors file's bytes (format: an 8-byte little-endian length, a JSON header, the tensors' data). Throws
 * MODX_TENSORS_DAMAGED where the header is not JSON, or an entry does not fit the bytes that are there.
 */
export function readSafetensors(bytes: Uint8Array, name = "file"): Map<string, Tensor> {
  const fail = (why: string): Error => damaged(name, why);
  const begin = LENGTH_BYTES + headerLength(bytes.subarray(0, LENGTH_BYTES), bytes.length, fail);
  const data = bytes.subarray(begin);
  const places = Object.entries(parseHeader(bytes.subarray(LENGTH_BYTES, begin), fail))
    .filter(([key]) => key !== "__metadata__")
    .map(([key, entry]) => ({ key, ...placeOf(key, entry, data.length, BYTES, fail) }));
  checkApart(places, fail);
  return new Map(
    places.map(({ key, element, shape, start, end }): [string, Tensor] => {
      const own = data.subarray(start, end);
      return [key, { dtype: element, shape, data: element === "I32" ? toIntegers(own) : toFloats(element, own) }];
    }),
  );
}

/** The bytes of a safetensors file that holds `tensors`, in their order. */
export function writeSafetensors(tensors: ReadonlyMap<string, Tensor>): Uint8Array {
  const header: Record<string, unknown> = {};
  const blocks: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { dtype, shape, data }] of tensors) {
    const block = encode(dtype, data);
    header[name] = { dtype, shape, data_offsets: [offset, offset + block.length] };
    blocks.push(block);
    offset += block.length;
  }
  let text = JSON.stringify(header);
  text = text.padEnd(Math.ceil(Buffer.byteLength(text) / 8) * 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
  return Buffer.concat([length, Buffer.from(text), ...blocks]);
}

/** `bytes` may lie at any alignment. */
function toIntegers(bytes: Uint8Array): Int32Array {
  return new Int32Array(new Uint8Array(bytes).buffer);
}

function encode(dtype: Dtype, data: Float32Array | Int32Array): Uint8Array {
  if ((dtype === "I32") !== data instanceof Int32Array)
    throw new TypeError(`a ${dtype} tensor of ${data.constructor.name}`);
  const elements = dtype === "F16" ? floatsToHalves(Float32Array.from(data)) : data;
  return new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
}
