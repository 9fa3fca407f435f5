import { ModxError } from "@modx/errors";

/** MODX_PACK_DAMAGED for the pack of that name. */
export function damaged(name: string, why: string): ModxError {
  return new ModxError("MODX_PACK_DAMAGED", {
    what: `The pack in ${name} cannot be used: ${why}.`,
    remedy: "Get or build it again.",
  });
}
