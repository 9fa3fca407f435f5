import {
  copyFileSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { tryLoad } from "../src/model/try-load.ts";

const folder = mkdtempSync(join(tmpdir(), "modx-try-load-"));
const damaged = join(folder, "damaged.gguf");
/** The header of the default model's file: metadata and tensor descriptions end before this. */
const HEADER_BYTES = 1_785_664;

beforeAll(() => copyFileSync(inject("modelFile"), damaged));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Overwrites bytes of the copy, runs, and puts them back. */
async function withBytes(changes: readonly (readonly [number, number])[], run: () => Promise<void>): Promise<void> {
  const original = readFileSync(inject("modelFile")).subarray(0, HEADER_BYTES);
  const file = openSync(damaged, "r+");
  for (const [at, value] of changes) writeSync(file, Uint8Array.of(value), 0, 1, at);
  try {
    await run();
  } finally {
    for (const [at] of changes) writeSync(file, original, at, 1, at);
  }
}

describe("a trial load", () => {
  it("passes a whole model", async () => {
    await expect(tryLoad({ model: inject("modelFile") })).resolves.toBeUndefined();
  });

  it("refuses what is no GGUF file, or is not there", async () => {
    const text = join(folder, "text.gguf");
    writeFileSync(text, "hello");
    await expect(tryLoad({ model: text })).rejects.toMatchObject({ code: "MODX_ENGINE_FILE" });
    await expect(tryLoad({ model: join(folder, "nothing.gguf") })).rejects.toMatchObject({ code: "MODX_ENGINE_FILE" });
  });

  it("refuses an adapter that is a model, with a code", async () => {
    await expect(
      tryLoad({ model: inject("modelFile"), adapters: [{ path: inject("modelFile") }] }),
    ).rejects.toMatchObject({ code: "MODX_ENGINE_ADAPTER_REFUSED" });
  });

  it("answers mutated headers with a coded error or a load, never with the end of this process", async () => {
    // a fixed linear congruential sequence, so that a failure can be repeated
    let state = 99;
    const random = (below: number): number => {
      state = (state * 1103515245 + 12345) % 2 ** 31;
      return state % below;
    };
    let refused = 0;
    for (let round = 0; round < 12; round++) {
      // the first kilobytes hold the counts, keys and hyperparameters
      const changes = Array.from(
        { length: 1 + random(3) },
        () => [8 + random(round < 8 ? 2_000 : HEADER_BYTES - 8), random(256)] as const,
      );
      await withBytes(changes, async () => {
        const error: unknown = await tryLoad({ model: damaged }).then(
          () => undefined,
          (failure: unknown) => failure,
        );
        if (error !== undefined) {
          refused += 1;
          expect(error).toMatchObject({ code: expect.stringMatching(/^MODX_ENGINE_/) });
        }
      });
    }
    expect(refused).toBeGreaterThan(0);
  });

  it("refuses a truncated model", async () => {
    truncateSync(damaged, 50_000_000);
    await expect(tryLoad({ model: damaged })).rejects.toMatchObject({ code: "MODX_ENGINE_MODEL_REFUSED" });
  });
});
