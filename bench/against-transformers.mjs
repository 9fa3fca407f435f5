// modx against transformers with forward hooks, both with four SAEs of 4,096 features, on the same weights: `npm run build && node
// bench/against-transformers.mjs MODEL_FOLDER [BLOCKS]`, with the Python of organisms/requirements.txt as $PYTHON and the de-quantised
// default model in MODEL_FOLDER (organisms/recipe/base_model.py writes it). transformers computes in f32, modx on the 4-bit file.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openEngine } from "../packages/engine/dist/index.js";
import { fetchDefaultModel } from "../packages/hub/dist/index.js";
import { interleave, medianInterval, ratios } from "../packages/lab/dist/index.js";
import { dictionaries } from "./dictionaries.mjs";
import { compared, writeResult } from "./result.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const [folder, blocks = "30"] = process.argv.slice(2);
const [TOKENS, PROMPT, FEATURES, QUIET_MS] = [32, 32, 4096, 800];
const threads = availableParallelism();
const taps = [9, 15, 18, 24].map((layer) => `blocks.${layer}.hook_resid_post`);

function python(features) {
  const script = join(HERE, "transformers_hooks.py");
  const child = spawn(process.env.PYTHON ?? "python3", [script, folder, String(threads), String(features)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    run: async () => {
      await setTimeout(QUIET_MS);
      child.stdin.write(`${TOKENS}\n`);
      return Number((await lines.next()).value);
    },
    end: () => child.stdin.end(),
  };
}

const engine = await openEngine({ model: await fetchDefaultModel(), taps, sequences: 1, contextTokens: 256 });
await engine.bind([], await dictionaries(engine, FEATURES));
const ours = async () => {
  await setTimeout(QUIET_MS);
  const options = { sample: true, ahead: true };
  const sequence = await engine.start({ maxTokens: PROMPT + TOKENS });
  let { next } = await sequence.decode(
    Int32Array.from({ length: PROMPT }, (_, i) => 1000 + 37 * i),
    options,
  );
  const started = performance.now();
  for (let i = 0; i < TOKENS; i++) ({ next } = await sequence.decode(Int32Array.of(next), options));
  const time = performance.now() - started;
  sequence.close();
  return time;
};
const [plain, hooked] = [python(0), python(FEATURES)];
const arms = [hooked.run, hooked.run, plain.run, ours];
for (const arm of arms) await arm();
const times = await interleave(arms, Number(blocks));
plain.end();
hooked.end();
await engine.close();

const cost = medianInterval(ratios(times, 0, 2));
writeResult("against-transformers", {
  what: "decode speed of modx with four whole SAEs over transformers with forward hooks and the same SAEs",
  ...compared(ratios(times, 0, 3), ratios(times, 0, 1)),
  hooks_and_saes_in_transformers: { ratio: cost.estimate, low: cost.low, high: cost.high },
  precision: { transformers: "f32", modx: "Q4_1 weights, 8-bit screen and f16 rows" },
  model: "SmolLM2-135M-Instruct",
  features_per_tap: FEATURES,
  taps: taps.length,
  blocks: Number(blocks),
  tokens: TOKENS,
});
