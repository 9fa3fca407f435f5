import { ModxError } from "@modx/errors";
import { floatsToHalves, halvesToFloats } from "./half.ts";
import { MAX_HEADER_BYTES, parseHeader, placeOf } from "./safetensors-header.ts";

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
  const damaged = (why: string): ModxError =>
    new ModxError("MODX_TENSORS_DAMAGED", {
      what: `${name} is not a whole safetensors file: ${why}.`,
      remedy: "Get the file again.",
    });
  if (bytes.length < 8) throw damaged("it is shorter than its header's length field");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  if (headerBytes > MAX_HEADER_BYTES || 8 + headerBytes > bytes.length)
    throw damaged(`its header claims ${headerBytes} bytes`);
  const data = bytes.subarray(8 + headerBytes);
  const tensors = new Map<string, Tensor>();
  for (const [key, entry] of Object.entries(parseHeader(bytes.subarray(8, 8 + headerBytes), damaged))) {
    if (key === "__metadata__") continue;
    const { element, shape, start, end } = placeOf(key, entry, data.length, BYTES, damaged);
    const dtype = element as Dtype;
    tensors.set(key, { dtype, shape, data: decode(dtype, new Uint8Array(data.subarray(start, end))) });
  }
  return tensors;
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

/** `bytes` must own its buffer from offset 0, so that wider elements are aligned. */
function decode(dtype: Dtype, bytes: Uint8Array): Float32Array | Int32Array {
  if (dtype === "F16") return halvesToFloats(new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2));
  if (dtype === "I32") return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

function encode(dtype: Dtype, data: Float32Array | Int32Array): Uint8Array {
  if ((dtype === "I32") !== data instanceof Int32Array)
    throw new TypeError(`a ${dtype} tensor of ${data.constructor.name}`);
  const elements = dtype === "F16" ? floatsToHalves(Float32Array.from(data)) : data;
  return new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
}
