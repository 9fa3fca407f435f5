import { ModxError } from "@modx/errors";
import { floatsToHalves, halvesToFloats } from "./half.ts";

export type Dtype = "F32" | "F16" | "I32";

export interface Tensor {
  dtype: Dtype;
  shape: readonly number[];
  /** Row-major. F16 is widened. */
  data: Float32Array | Int32Array;
}

const BYTES: Record<Dtype, number> = { F32: 4, F16: 2, I32: 4 };

/** Limits of a file that somebody else may have written: what a header may be before it is believed. */
const MAX_HEADER_BYTES = 16 << 20;
const MAX_DIMENSIONS = 8;

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
    const { dtype, shape, start, end } = checkEntry(key, entry, data.length, damaged);
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

type Damaged = (why: string) => ModxError;

function parseHeader(bytes: Uint8Array, damaged: Damaged): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw damaged("its header is not JSON");
  }
  if (typeof header !== "object" || header === null || Array.isArray(header))
    throw damaged("its header is not an object");
  return header as Record<string, unknown>;
}

function checkEntry(
  key: string,
  entry: unknown,
  available: number,
  damaged: Damaged,
): { dtype: Dtype; shape: number[]; start: number; end: number } {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (typeof dtype !== "string" || !(dtype in BYTES)) throw damaged(`tensor "${key}" has the type ${String(dtype)}`);
  if (!isCounts(shape) || shape.length > MAX_DIMENSIONS) throw damaged(`tensor "${key}" has no valid shape`);
  if (!isCounts(offsets) || offsets.length !== 2) throw damaged(`tensor "${key}" has no valid place`);
  const [start = 0, end = 0] = offsets;
  const wanted = shape.reduce((product, length) => product * length, BYTES[dtype as Dtype]);
  if (start > end || end > available || end - start !== wanted) throw damaged(`tensor "${key}" does not fit its place`);
  return { dtype: dtype as Dtype, shape, start, end };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
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
