import { CODES, ModxError } from "@modx/errors";

/** The line that a person sees, and the process's exit status. */
export function describeError(error: unknown): { line: string; status: number } {
  if (ModxError.isInstance(error)) return { line: `modx: ${error.code}: ${error.message}`, status: CODES[error.code] };
  const what = error instanceof Error ? error.message.split("\n")[0] : String(error);
  return {
    line: `modx: MODX_INTERNAL: ${what}. This is a defect in modx; set MODX_TRACE=1 to see where, and please report it.`,
    status: 1,
  };
}
