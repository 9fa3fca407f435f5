// Our engine's plain decoding against llama.cpp's own loop on the same libraries: `npm run build && node bench/plain-decode.mjs
// [BLOCKS [STREAMS]]`. Blocks of both in one run, in drawn order, with llama.cpp against itself as the control. Writes
// results/plain-decode.json, or plain-decode-STREAMS.json.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { librariesFolder, openEngine } from "../packages/engine/dist/index.js";
import { fetchDefaultModel } from "../packages/hub/dist/index.js";
import { interleave, medianInterval, ratios } from "../packages/lab/dist/index.js";
import { compile } from "./compile.mjs";
import { compared, writeResult } from "./result.mjs";

const BLOCKS = Number(process.argv[2] ?? 200);
const STREAMS = Number(process.argv[3] ?? 1);
const PROMPT = 32;
const TOKENS = 32;
const QUIET_MS = 800;
const threads = availableParallelism();
const model = await fetchDefaultModel();
const libraries = librariesFolder();

const folder = mkdtempSync(join(tmpdir(), "modx-bench-"));
const child = spawn(compile("plain-decode", folder), [libraries, model, String(threads), String(STREAMS)], {
  stdio: ["pipe", "pipe", "inherit"],
});
const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
// llama.cpp's worker threads wait for more work with their core busy, for part of a second after the last pass. Each arm
// waits until those of the other process have gone to sleep.
const quiet = () => setTimeout(QUIET_MS);
const theirs = async () => {
  await quiet();
  child.stdin.write(`${TOKENS}\n`);
  return Number((await lines.next()).value);
};

const engine = await openEngine({ model, sequences: STREAMS, contextTokens: Math.floor(4096 / STREAMS) });
const ours = async () => {
  await quiet();
  const options = { sample: true, ahead: true };
  const streams = await Promise.all(
    Array.from({ length: STREAMS }, async (_, stream) => {
      const sequence = await engine.start({ maxTokens: PROMPT + TOKENS });
      const prompt = Int32Array.from({ length: PROMPT }, (__, i) => 1000 + 37 * i + stream);
      return { sequence, first: await sequence.decode(prompt, options) };
    }),
  );
  const started = performance.now();
  await Promise.all(
    streams.map(async ({ sequence, first: { next } }) => {
      for (let i = 0; i < TOKENS; i++) ({ next } = await sequence.decode(Int32Array.of(next), options));
    }),
  );
  const time = performance.now() - started;
  for (const { sequence } of streams) sequence.close();
  return time;
};

const arms = [theirs, theirs, ours];
for (const arm of arms) await arm();
const times = await interleave(arms, BLOCKS, (done) => {
  if (done % 20 === 0) console.error(`${done} of ${BLOCKS} blocks`);
});
child.stdin.end();
await engine.close();
rmSync(folder, { recursive: true, force: true });

const tokensPerSecond = (arm) => medianInterval(times.map((row) => (1000 * TOKENS) / row[arm])).estimate;
writeResult(STREAMS === 1 ? "plain-decode" : `plain-decode-${STREAMS}`, {
  what: "decode speed of modx's engine over llama.cpp's own loop on the same libraries, adapter off",
  // speed is the inverse of time
  ...compared(ratios(times, 0, 2), ratios(times, 0, 1)),
  blocks: BLOCKS,
  tokens: TOKENS,
  streams: STREAMS,
  model: "SmolLM2-135M-Instruct Q4_1",
  tokens_per_second: { llama_cpp: tokensPerSecond(0), modx: tokensPerSecond(2) },
});
