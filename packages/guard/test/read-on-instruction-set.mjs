// Reads one conversation with llama.cpp's CPU backend for the instruction set whose folder is given:
// `node read-on-instruction-set.mjs JOB.json` prints the readings, [tokens, rows] f32 in base64, or exits 3 where this
// processor does not have the set. The set is chosen once for a process, hence a process of its own.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const job = JSON.parse(readFileSync(process.argv[2], "utf8"));
const require = createRequire(import.meta.url);
const loader = require(`${job.build}/loader.node`);
for (const library of job.libraries) loader.open(library);
const addon = require(`${job.build}/modx.node`);
addon.start(job.backends);

const model = await addon.Model.load(job.model, { gpuLayers: 0 }).catch((error) => {
  if (!/no backends are loaded/.test(error.message)) throw error;
  process.exit(3);
});
const adapter = await addon.Adapter.load(model, job.adapter);
const context = await addon.Context.create(model, {
  tokens: 256,
  batch: 256,
  sequences: 1,
  threads: 1,
  taps: job.layers.map((layer) => ({ layer, graphNode: false })),
  adapters: [{ adapter, scale: job.scale }],
});
context.bind(Float32Array.from(job.weights), Float32Array.from(job.bias), Uint32Array.from(job.taps), []);
const tokens = Int32Array.from(job.tokens);
const positions = tokens.map((_, i) => i);
const none = new Uint8Array(tokens.length);
const { readings } = await context.decode(tokens, positions, new Int32Array(tokens.length), none, [], false);
process.stdout.write(Buffer.from(readings.buffer, readings.byteOffset, readings.byteLength).toString("base64"));
context.dispose();
model.dispose();
