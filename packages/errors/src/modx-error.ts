import type { ErrorCode } from "./codes.ts";

export interface ModxErrorOptions {
  /** What happened, as a sentence. */
  what: string;
  /** What to do about it, as a sentence. */
  remedy: string;
  cause?: unknown;
}

/**
 * The one error that modx throws on purpose. `code` is stable and listed in `docs/errors.md`; the message is one line:
 * what happened, then what to do.
 */
export class ModxError extends Error {
  override readonly name: string = "ModxError";
  readonly code: ErrorCode;
  readonly what: string;
  readonly remedy: string;
  readonly isModxError: boolean = true;

  constructor(code: ErrorCode, { what, remedy, cause }: ModxErrorOptions) {
    super(oneLine(`${what} ${remedy}`), cause === undefined ? undefined : { cause });
    this.code = code;
    this.what = oneLine(what);
    this.remedy = oneLine(remedy);
  }

  /** True for a ModxError of any copy of this package in the process. */
  static isInstance(value: unknown): value is ModxError {
    return typeof value === "object" && value !== null && "isModxError" in value;
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
