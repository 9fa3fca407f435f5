import type { RunningFiles } from "@modx/guard";
import type { Pack } from "@modx/pack";

/** The base that a pack was made with, as what runs. */
export function baseFiles({ manifest }: Pack): RunningFiles {
  const { modelSha256 = "0".repeat(64) } = manifest.base?.identity ?? {};
  return { modelSha256, adapters: [] };
}
