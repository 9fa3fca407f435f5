/** Numbers that JSON has no way to write. */
const UNWRITABLE = "$number";
/** Arrays of single precision, whose bytes are kept. */
const FLOATS = "$float32";

/** JSON of a value, with infinite numbers, those that are none, and arrays of single precision in it. */
export function exactJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (part instanceof Float32Array)
      return { [FLOATS]: Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString("base64") };
    return typeof part === "number" && !Number.isFinite(part) ? { [UNWRITABLE]: String(part) } : part;
  });
}

/** What `exactJson` wrote. */
export function readExactJson(text: string): unknown {
  return JSON.parse(text, (_, part: unknown) => {
    if (typeof part !== "object" || part === null) return part;
    if (UNWRITABLE in part) return Number(part[UNWRITABLE]);
    return FLOATS in part ? floats(String(part[FLOATS])) : part;
  });
}

function floats(base64: string): Float32Array {
  // a copy, as a buffer's bytes need not begin where a number may
  return new Float32Array(Uint8Array.from(Buffer.from(base64, "base64")).buffer);
}
