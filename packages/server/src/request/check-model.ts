import type { Served } from "../state/server-state.ts";
import { RequestError } from "./request-error.ts";

/** Throws MODX_SERVER_MODEL for another name than the served one; a request may leave it out. */
export function checkModel(asked: string | null, { name }: Served): void {
  if (asked === null || asked === name) return;
  throw new RequestError("MODX_SERVER_MODEL", {
    what: `The model '${asked}' does not exist here.`,
    remedy: `This server has '${name}'.`,
    param: "model",
  });
}
