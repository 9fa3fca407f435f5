import { ModxError } from "@modx/errors";

/** The ModxError that `work` ends with; the test fails on success and on any other error. */
export async function failure(work: Promise<unknown>): Promise<ModxError> {
  try {
    await work;
  } catch (error) {
    if (ModxError.isInstance(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
