// The service against llama-server, HTTP to HTTP, monitored against not: `npm run build && LLAMA_SERVER=FILE node
// bench/against-llama-server.mjs [BLOCKS [STREAMS]]`. Both serve the default model with the same sizes, and without an adapter: a llama-server
// that keeps weights for AMX crashes on one. Ours is watched by the default pack. Writes
// results/against-llama-server-STREAMS.json.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { fetchDefaultModel } from "../packages/hub/dist/index.js";
import { interleave, ratios } from "../packages/lab/dist/index.js";
import { compared, writeResult } from "./result.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const BLOCKS = Number(process.argv[2] ?? 40);
const STREAMS = Number(process.argv[3] ?? 8);
const [TOKENS, CONTEXT, QUIET_MS, STARTS_WITHIN_MS] = [32, 512, 800, 60_000];
const threads = availableParallelism();
const model = await fetchDefaultModel();
const pack = join(HERE, "../organisms/packs/default");
const PROMPTS = ["Why is the sea salty?", "Name three trees.", "How do I bake bread?", "What is a comet?"];

const servers = [
  {
    port: 8091,
    command: process.env.LLAMA_SERVER ?? "llama-server",
    args: ["-m", model, "-np", STREAMS, "-c", STREAMS * CONTEXT, "-t", threads, "--port", 8091],
  },
  {
    port: 8092,
    command: process.execPath,
    args: [
      join(HERE, "../packages/cli/bin/modx.mjs"),
      "serve",
      "-m",
      model,
      "--pack",
      pack,
      "-np",
      STREAMS,
      "-c",
      CONTEXT,
      "-t",
      threads,
      "--policy",
      "log",
      "--port",
      8092,
    ],
  },
];
const children = servers.map(({ command, args }) => spawn(command, args.map(String), { stdio: "ignore" }));
try {
  for (const { port } of servers) await ready(port);
  const [theirs, ours] = servers.map(
    ({ port }) =>
      () =>
        answers(port),
  );
  const arms = [theirs, theirs, ours];
  for (const arm of arms) await arm();
  const times = await interleave(arms, BLOCKS);
  writeResult(`against-llama-server-${STREAMS}`, {
    what: "speed of the monitored service over llama-server's, HTTP to HTTP",
    llama_server: process.env.LLAMA_SERVER_BUILD ?? "as found",
    ...compared(ratios(times, 0, 2), ratios(times, 0, 1)),
    streams: STREAMS,
    tokens: TOKENS,
    blocks: BLOCKS,
    model: "SmolLM2-135M-Instruct Q4_1",
  });
} finally {
  for (const child of children) child.kill();
}

/** Milliseconds until all streams have their answer. Whose threads still wait for work with their core busy gets time to go to sleep first. */
async function answers(port) {
  await setTimeout(QUIET_MS);
  const started = performance.now();
  const counts = await Promise.all(
    Array.from({ length: STREAMS }, (_, i) => answer(port, PROMPTS[i % PROMPTS.length])),
  );
  const time = performance.now() - started;
  // an answer may end by itself: what counts is the time of a token
  return (time * STREAMS * TOKENS) / counts.reduce((sum, count) => sum + count, 0);
}

async function answer(port, content) {
  const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      model: basename(model),
      messages: [{ role: "user", content }],
      max_tokens: TOKENS,
      temperature: 0,
    }),
  });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()).usage.completion_tokens;
}

async function ready(port) {
  for (const end = performance.now() + STARTS_WITHIN_MS; performance.now() < end; await setTimeout(200)) {
    const response = await fetch(`http://127.0.0.1:${port}/health`).catch(() => null);
    if (response?.ok) return;
  }
  throw new Error(`nothing answers on port ${port}`);
}
