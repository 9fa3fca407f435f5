import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ModxError } from "@modx/errors";
import { afterAll, expect, it } from "vitest";
import { tryLoad } from "../../src/model/try-load.ts";

const ROUNDS = 1000;
const AT_A_TIME = 2;
const folder = mkdtempSync(join(tmpdir(), "modx-mutated-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fixture = (name: string): string => join(import.meta.dirname, name);
const MODELS = ["llama.gguf", "gemma2.gguf", "lfm2.gguf", "phi3.gguf"];
const ADAPTER = "llama.adapter";

/** A fixed sequence, so that a failure can be repeated: round -> numbers below a bound. */
function randomSource(seed: number): (below: number) => number {
  let state = seed * 7919 + 1;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
}

/** Some bytes changed, most of them in the header; the end cut off; a piece doubled; or a piece zeroed. */
function mutate(bytes: Buffer, random: (below: number) => number): Buffer {
  const kind = random(10);
  const within = random(4) === 0 ? bytes.length : Math.min(bytes.length, 4096);
  if (kind === 0) return bytes.subarray(0, random(bytes.length));
  const copy = Buffer.from(bytes);
  if (kind === 1) copy.fill(0, random(within), random(within));
  else if (kind === 2) return Buffer.concat([copy.subarray(0, random(within)), copy.subarray(random(within))]);
  else for (let i = random(6); i >= 0; i--) copy[4 + random(within - 4)] = random(256);
  return copy;
}

it(`answers ${ROUNDS} mutated models and adapters with a load or a coded error`, async () => {
  const counts = { loaded: 0, crashed: 0, refused: 0 };
  let next = 0;
  const work = async (worker: number): Promise<void> => {
    const path = join(folder, `${worker}.gguf`);
    while (next < ROUNDS) {
      const round = next++;
      const random = randomSource(round);
      const adapter = round % 4 === 3;
      const original = readFileSync(fixture(adapter ? ADAPTER : (MODELS[random(MODELS.length)] ?? "")));
      writeFileSync(path, mutate(original, random));
      const files = adapter ? { model: fixture("llama.gguf"), adapters: [{ path }] } : { model: path };
      const error: unknown = await tryLoad(files).then(
        () => null,
        (failure: unknown) => failure,
      );
      if (error === null) counts.loaded += 1;
      else {
        expect(error, `round ${round}`).toBeInstanceOf(ModxError);
        expect((error as ModxError).code, `round ${round}`).toMatch(/^MODX_ENGINE_/);
        counts[(error as ModxError).message.includes("crashed") ? "crashed" : "refused"] += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, (_, worker) => work(worker)));
  // mutations that matter and ones that do not
  expect(counts.loaded).toBeGreaterThan(ROUNDS / 20);
  expect(counts.refused).toBeGreaterThan(ROUNDS / 20);
}, 900_000);
