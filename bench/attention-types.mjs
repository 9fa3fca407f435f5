// What modx pays for the types of its attention memory: `npm run build && node bench/attention-types.mjs`. Speeds against
// llama.cpp's defaults (f16 for keys and values), which run twice as the control. Writes results/attention-types.json.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { librariesFolder } from "../packages/engine/dist/index.js";
import { fetchDefaultModel } from "../packages/hub/dist/index.js";
import { medianInterval, ratios } from "../packages/lab/dist/index.js";
import { compile } from "./compile.mjs";
import { writeResult } from "./result.mjs";

/** Tokens of the prompt, and blocks of it. */
const RUNS = [
  { prompt: 32, blocks: 60 },
  { prompt: 1000, blocks: 20 },
];
/** As in attention-types.cc. */
const CONTEXTS = ["f16/f16", "f16/f16 again", "bf16/f16 (modx)", "f16/bf16"];

const threads = availableParallelism();
const model = await fetchDefaultModel();
const folder = mkdtempSync(join(tmpdir(), "modx-bench-"));
const program = compile("attention-types", folder);

function run({ prompt, blocks }) {
  const printed = execFileSync(program, [librariesFolder(), model, threads, blocks, prompt].map(String), {
    encoding: "utf8",
  });
  const lines = printed.trim().split("\n").map(JSON.parse);
  const timesOf = (key) =>
    Array.from({ length: blocks }, (_, block) => {
      const rows = lines.slice(block * CONTEXTS.length, (block + 1) * CONTEXTS.length);
      return CONTEXTS.map((_, context) => rows.find((row) => row.context === context)[key]);
    });
  const speeds = (key) =>
    Object.fromEntries(CONTEXTS.map((name, i) => [name, medianInterval(ratios(timesOf(key), 0, i))]).slice(1));
  return { prompt, blocks, decode_speed: speeds("decode_ms"), prefill_speed: speeds("prefill_ms") };
}

const runs = RUNS.map(run);
rmSync(folder, { recursive: true, force: true });
writeResult("attention-types", {
  what: "speed with other types of attention memory (keys/values) over f16/f16, llama.cpp's own loop",
  model: "SmolLM2-135M-Instruct Q4_1",
  runs,
});
