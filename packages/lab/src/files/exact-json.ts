/** Numbers that JSON has no way to write. */
const UNWRITABLE = "$number";

/** JSON of a value, with infinite numbers and those that are none in it. */
export function exactJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "number" && !Number.isFinite(part) ? { [UNWRITABLE]: String(part) } : part,
  );
}

/** What `exactJson` wrote. */
export function readExactJson(text: string): unknown {
  return JSON.parse(text, (_, part: unknown) =>
    typeof part === "object" && part !== null && UNWRITABLE in part ? Number(part[UNWRITABLE]) : part,
  );
}
