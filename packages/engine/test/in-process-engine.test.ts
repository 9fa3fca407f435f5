import { openEngine } from "../src/in-process-engine.ts";
import { allConformance } from "./all-conformance.ts";

allConformance(openEngine);
