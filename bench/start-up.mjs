// From `modx run` to the first monitored token, and the memory of the process: `npm run build && node bench/start-up.mjs [TIMES]`. The
// model is cached, and in the page cache after the first, which does not count. Writes results/start-up.json.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { medianInterval } from "../packages/lab/dist/index.js";
import { writeResult } from "./result.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const TIMES = Number(process.argv[2] ?? 15);
const COMMAND = join(HERE, "../packages/cli/bin/modx.mjs");

async function once() {
  const started = performance.now();
  const child = spawn(process.execPath, [COMMAND, "run", "--json", "-n", "4", "Name three rivers."], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let first = Number.NaN;
  let resident = Number.NaN;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!Number.isNaN(first) || JSON.parse(line).type !== "token") continue;
    first = performance.now() - started;
    resident = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]) / 1024;
  }
  return { first, resident };
}

await once();
const runs = [];
for (let i = 0; i < TIMES; i++) runs.push(await once());
const { estimate, low, high } = medianInterval(runs.map(({ first }) => first / 1000));
writeResult("start-up", {
  what: "seconds from the start of `modx run` to its first monitored token, model cached",
  seconds: estimate,
  low,
  high,
  times: TIMES,
  resident_mb: medianInterval(runs.map((run) => run.resident)).estimate,
});
