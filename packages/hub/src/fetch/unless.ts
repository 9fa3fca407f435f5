import { type ErrorCode, ModxError } from "@modx/errors";

/** The result, or null where the work failed with this code. */
export async function unless<T>(code: ErrorCode, work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (ModxError.isInstance(error) && error.code === code) return null;
    throw error;
  }
}
