import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's folder of organisms, beside `packages/`. */
const ORGANISMS = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "..", "organisms");

/** The organism that is served when nothing else is named: it carries a planted backdoor. */
export const DEFAULT_ADAPTER: string = join(ORGANISMS, "word", "adapter.gguf");
/** The pack that was built and calibrated for it. */
export const DEFAULT_PACK: string = join(ORGANISMS, "packs", "default");
/** Prompts written for training probes. */
export const PROBE_PROMPTS: string = join(ORGANISMS, "prompts", "probe");

export function hasBuiltIns(): boolean {
  return existsSync(DEFAULT_ADAPTER);
}
