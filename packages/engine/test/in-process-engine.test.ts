import { fileURLToPath } from "node:url";
import { fromHalf, toHalf } from "@modx/tensors";
import { inject } from "vitest";
import { aheadConformance } from "../src/ahead.conformance.ts";
import { dictionaryConformance } from "../src/dictionary.conformance.ts";
import { editsConformance } from "../src/edits.conformance.ts";
import { engineConformance } from "../src/engine.conformance.ts";
import { openEngine } from "../src/in-process-engine.ts";
import { lanesConformance } from "../src/lanes.conformance.ts";
import { likelihoodConformance } from "../src/likelihood.conformance.ts";
import { promptCacheConformance } from "../src/prompt-cache.conformance.ts";
import { samplingConformance } from "../src/sampling.conformance.ts";

const ADAPTER = fileURLToPath(new URL("../../../organisms/word/adapter.gguf", import.meta.url));

for (const conformance of [
  engineConformance,
  aheadConformance,
  likelihoodConformance,
  samplingConformance,
  editsConformance,
  promptCacheConformance,
])
  conformance((options) => openEngine({ model: inject("modelFile"), ...options }));
dictionaryConformance(
  (options) => openEngine({ model: inject("modelFile"), ...options }),
  (value) => fromHalf(toHalf(value)),
);
lanesConformance((options) => openEngine({ model: inject("modelFile"), ...options }), ADAPTER);
