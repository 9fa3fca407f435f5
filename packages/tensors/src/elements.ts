import { halvesToFloats } from "./half.ts";

/** Number types of tensors that are read, by safetensors' names. */
export const ELEMENTS = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1 } as const;
export type Element = keyof typeof ELEMENTS;

/** Numbers of any element type as floats; of f64 and i64 what a float can hold of them. `bytes` may lie at any alignment. */
export function toFloats(element: Element, bytes: Uint8Array): Float32Array {
  // a copy of its own is aligned
  const own = new Uint8Array(bytes).buffer;
  switch (element) {
    case "F32":
      return new Float32Array(own);
    case "F16":
      return halvesToFloats(new Uint16Array(own));
    case "BF16":
      return brainFloats(new Uint16Array(own));
    case "F64":
      return Float32Array.from(new Float64Array(own));
    case "I64":
      return Float32Array.from(new BigInt64Array(own), Number);
    case "I32":
      return Float32Array.from(new Int32Array(own));
    case "U8":
      return Float32Array.from(new Uint8Array(own));
  }
}

/** bf16 is the upper half of a float. */
function brainFloats(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = (halves[i] ?? 0) << 16;
  return new Float32Array(bits.buffer);
}
