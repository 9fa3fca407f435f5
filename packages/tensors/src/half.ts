/**
 * IEEE 754 half precision (f16), for which Node 20 has no typed array. Rounds to nearest, ties to even; beyond 65504
 * becomes infinite.
 */
const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

export function toHalf(value: number): number {
  float[0] = value;
  const x = bits[0] ?? 0;
  const sign = (x >>> 16) & 0x8000;
  const magnitude = x & 0x7fffffff;
  if (magnitude >= 0x47800000) return sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00);
  if (magnitude < 0x33000000) return sign;
  const exponent = magnitude >>> 23;
  // below 2^-14 a half is subnormal: the implicit bit becomes explicit and more bits fall away
  const shift = exponent < 113 ? 126 - exponent : 13;
  const mantissa = exponent < 113 ? (magnitude & 0x7fffff) | 0x800000 : magnitude - 0x38000000;
  const half = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  return sign | (rest > middle || (rest === middle && (half & 1) === 1) ? half + 1 : half);
}

export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

const table = new Float32Array(65536);
let filled = false;

/** Many halves at once, through a table of all 65,536. */
export function halvesToFloats(halves: Uint16Array): Float32Array {
  if (!filled) {
    for (let i = 0; i < 65536; i++) table[i] = fromHalf(i);
    filled = true;
  }
  const floats = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) floats[i] = table[halves[i] ?? 0] ?? 0;
  return floats;
}

export function floatsToHalves(floats: Float32Array): Uint16Array {
  const halves = new Uint16Array(floats.length);
  for (let i = 0; i < floats.length; i++) halves[i] = toHalf(floats[i] ?? 0);
  return halves;
}
