// npm run sanitize [-- TEST FILES]: the engine's own tests on an addon built with AddressSanitizer and UndefinedBehaviorSanitizer.
// llama.cpp's prebuilt libraries are not instrumented; what they do to memory that the addon hands them is. Linux with gcc or clang.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "../packages/engine/native/build.mjs";
import { prepare, ROOT } from "./prepare.mjs";

const TESTS = [
  "packages/engine/test/native.test.ts",
  "packages/engine/test/projector.test.ts",
  "packages/engine/test/in-process-engine.test.ts",
  "packages/engine/test/architectures/architectures.test.ts",
];

await prepare();
const folder = mkdtempSync(join(tmpdir(), "modx-sanitize-"));
try {
  await build((line) => console.log(`modx: ${line}, watched`), { out: folder, sanitize: "address,undefined" });
  const compiler = process.env.CXX || "c++";
  const library = (name) => execFileSync(compiler, [`-print-file-name=${name}`], { encoding: "utf8" }).trim();
  const named = process.argv.slice(2);
  const { status } = spawnSync(join(ROOT, "node_modules/.bin/vitest"), ["run", ...(named.length > 0 ? named : TESTS)], {
    cwd: ROOT,
    stdio: "inherit",
    env: {
      ...process.env,
      MODX_ADDON_FOLDER: folder,
      // the sanitizer has to be there before Node, and the C++ library before the sanitizer looks for it
      LD_PRELOAD: ["libasan.so", "libubsan.so", "libstdc++.so.6"].map(library).join(":"),
      // V8 frees nothing at the end; a thrown error is no leak
      ASAN_OPTIONS: "detect_leaks=0:halt_on_error=1",
      UBSAN_OPTIONS: "halt_on_error=1:print_stacktrace=1",
    },
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
