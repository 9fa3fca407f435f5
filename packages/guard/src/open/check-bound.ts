import type { Engine } from "@modx/engine";
import { ModxError } from "@modx/errors";

/** Throws MODX_INTERNAL where another guard has bound its own rows meanwhile: they would be taken for the ones that were bound here. */
export function checkBound(engine: Pick<Engine, "rowNames">, rowNames: readonly string[]): void {
  if (engine.rowNames === rowNames) return;
  throw new ModxError("MODX_INTERNAL", {
    what: "The rows that a guard reads were replaced by those of another guard.",
    remedy: "Open one guard on an engine or lane, and only guards of the same packs on a shared base; and report this.",
  });
}
