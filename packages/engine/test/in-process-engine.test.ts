import { inject } from "vitest";
import { aheadConformance } from "../src/ahead.conformance.ts";
import { engineConformance } from "../src/engine.conformance.ts";
import { openEngine } from "../src/in-process-engine.ts";

for (const conformance of [engineConformance, aheadConformance])
  conformance((options) => openEngine({ model: inject("modelFile"), ...options }));
