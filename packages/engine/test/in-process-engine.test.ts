import { inject } from "vitest";
import { engineConformance } from "../src/engine.conformance.ts";
import { openEngine } from "../src/in-process-engine.ts";

engineConformance((options) => openEngine({ model: inject("modelFile"), ...options }));
