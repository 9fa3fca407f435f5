import { fileURLToPath } from "node:url";
import { fromHalf, toHalf } from "@modx/tensors";
import { inject } from "vitest";
import { aheadConformance } from "../src/ahead.conformance.ts";
import { dictionaryConformance } from "../src/dictionary.conformance.ts";
import { editsConformance } from "../src/edits.conformance.ts";
import { engineConformance } from "../src/engine.conformance.ts";
import type { Engine } from "../src/engine.ts";
import type { EngineOptions } from "../src/in-process-engine.ts";
import { lanesConformance } from "../src/lanes.conformance.ts";
import { likelihoodConformance } from "../src/likelihood.conformance.ts";
import { promptCacheConformance } from "../src/prompt-cache.conformance.ts";
import { samplingConformance } from "../src/sampling.conformance.ts";
import { scheduleConformance } from "../src/schedule.conformance.ts";

const ADAPTER = fileURLToPath(new URL("../../../organisms/word/adapter.gguf", import.meta.url));

/** Everything that an engine must do, on the test's model. */
export function allConformance(openWith: (options: EngineOptions) => Promise<Engine>): void {
  const open = (options: Omit<EngineOptions, "model">): Promise<Engine> =>
    openWith({ model: inject("modelFile"), ...options });
  engineConformance(open);
  scheduleConformance(open);
  aheadConformance(open);
  likelihoodConformance(open);
  samplingConformance(open);
  editsConformance(open);
  promptCacheConformance(open);
  dictionaryConformance(open, (value) => fromHalf(toHalf(value)));
  lanesConformance(open, ADAPTER);
}
