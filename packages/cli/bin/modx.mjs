#!/usr/bin/env node
// Finds the compiled command, or says how to make it.
import { existsSync } from "node:fs";

const main = new URL("../dist/main.js", import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write("modx: MODX_ENGINE_NOT_BUILT: modx is not built. Run: npm run build\n");
  process.exitCode = 1;
}
