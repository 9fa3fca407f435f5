import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { librariesFolder, libraryFiles } from "@modx/engine";
import { GOLDEN_TOLERANCE, goldenError, readPack } from "@modx/pack";
import { afterAll, describe, expect, inject, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const SETS = ["alderlake", "x64", "sandybridge", "haswell", "skylakex", "zen4"];
const pack = readPack(join(ROOT, "organisms/packs/default"));
const work = mkdtempSync(join(tmpdir(), "modx-sets-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** How far the default pack's golden readings are off on an instruction set; null where this processor lacks it. */
function errorOn(set: string, scale = 1): number | null {
  const libraries = librariesFolder();
  const backends = join(work, `${set}-${scale}`);
  mkdirSync(backends);
  symlinkSync(join(libraries, `libggml-cpu-${set}.so`), join(backends, `libggml-cpu-${set}.so`));
  const job = join(backends, "job.json");
  const rows = pack.readouts.flatMap((readout, tap) => readout.rows.map((row) => ({ ...row, tap })));
  writeFileSync(
    job,
    JSON.stringify({
      build: join(ROOT, "packages/engine/build"),
      libraries: libraryFiles(libraries),
      backends,
      model: inject("modelFile"),
      adapter: join(ROOT, "organisms/word/adapter.gguf"),
      scale,
      layers: pack.readouts.map(({ tap }) => Number(/\d+/.exec(tap)?.[0])),
      weights: rows.flatMap(({ weights }) => [...weights]),
      bias: rows.map(({ bias }) => bias),
      taps: rows.map(({ tap }) => tap),
      tokens: [...pack.golden.tokens],
    }),
  );
  const script = fileURLToPath(new URL("read-on-instruction-set.mjs", import.meta.url));
  const child = spawnSync(process.execPath, [script, job], { encoding: "utf8" });
  if (child.status === 3) return null;
  expect(child.stderr).toBe("");
  const bytes = Uint8Array.from(Buffer.from(child.stdout, "base64"));
  return goldenError(pack.golden, 0, new Float32Array(bytes.buffer));
}

describe.skipIf(process.platform !== "linux" || process.arch !== "x64")("the default pack's golden readings", () => {
  it.for(SETS)("hold on %s", (set, { skip }) => {
    const error = errorOn(set);
    if (error === null) return skip("this processor does not have it");
    expect(error).toBeLessThan(GOLDEN_TOLERANCE);
  });

  it("do not hold with half of the adapter", () => {
    expect(errorOn("x64", 0.5)).toBeGreaterThan(GOLDEN_TOLERANCE);
  });
});
