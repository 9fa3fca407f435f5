import { ModxError } from "@modx/errors";

export function noLane(name: string, lanes: readonly string[]): ModxError {
  return new ModxError("MODX_ENGINE_LANE", {
    what: `The engine has no lane ${name}.`,
    remedy: lanes.length === 0 ? "It was opened without any." : `It has: ${lanes.join(", ")}.`,
  });
}
