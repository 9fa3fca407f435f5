// npm run stress -- [--requests N] [--json]: many random requests at a supervised engine, some of them cancelled, some impossible, on two
// lanes. Ends with 1 where something was stuck, read wrong rows, or memory grew by more than a twentieth.
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { prepare, ROOT } from "./prepare.mjs";

const TAP = "blocks.18.hook_resid_post";
const SEQUENCES = 4;
const CONTEXT = 512;
const AT_A_TIME = 12;
/** Requests before memory is first looked at, and their share where there are many: until then buffers and caches still grow to their size. */
const [WARM_UP, WARM_UP_SHARE] = [60, 0.1];
/** A request that takes longer than this is stuck. */
const STUCK_MS = 120_000;
const GROWTH = 1.05;
const PROGRESS_EVERY = 100;
const WORDS = "the sea light keeper storm wrote bread how why seven map of and rope ship in".split(" ");

/** @returns {Promise<{requests: number, ok: number, coded: number, stuck: number, wrong_rows: number, rss_start: number, rss_end: number}>} */
export async function stress(requests, onProgress = () => undefined) {
  const { openSupervised } = await import("../packages/engine/dist/index.js");
  const { fetchDefaultModel } = await import("../packages/hub/dist/index.js");
  const engine = await openSupervised({
    model: await fetchDefaultModel(),
    adapters: [{ path: `${ROOT}/organisms/word/adapter.gguf` }],
    taps: [TAP],
    sequences: SEQUENCES,
    contextTokens: CONTEXT,
    queue: 4 * AT_A_TIME,
    threads: availableParallelism(),
    lanes: { base: { taps: [TAP], sequences: 2, contextTokens: CONTEXT } },
  });
  try {
    const run = new Run(engine);
    await run.prepare();
    const rss = async () => rssOf(await engine.pid());
    const warmUp = Math.min(Math.max(WARM_UP, Math.floor(WARM_UP_SHARE * requests)), requests - 1);
    let start = 0;
    let next = 0;
    const work = async () => {
      while (next < requests) {
        const index = next++;
        if (index === warmUp) start = await rss();
        await run.request(index);
        if ((index + 1) % PROGRESS_EVERY === 0) onProgress(index + 1, requests, await rss());
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
    return { requests, ...run.counts, rss_start: start, rss_end: await rss() };
  } finally {
    await engine.close();
  }
}

/** Whether a run's figures are as they should be. */
export function passed({ stuck, wrong_rows, rss_start, rss_end }) {
  return stuck === 0 && wrong_rows === 0 && rss_end <= GROWTH * rss_start;
}

class Run {
  counts = { ok: 0, coded: 0, stuck: 0, wrong_rows: 0 };

  constructor(engine) {
    this.lanes = [engine, engine.lane("base")];
  }

  /** What each lane reads of known prompts when nothing else runs. */
  async prepare() {
    this.known = [];
    for (const lane of this.lanes) {
      const weights = Float32Array.from({ length: lane.model.width }, (_, i) => Math.sin(i));
      await lane.bind([{ tap: TAP, rows: [{ name: "row", weights, bias: 0.5 }] }]);
      const prompts = [];
      for (const content of ["How do bees find their way?", "Name a tree, a river and a town in one sentence."]) {
        const { tokens } = await lane.prompt([{ role: "user", content }]);
        prompts.push({ tokens, readings: await read(lane, tokens) });
      }
      this.known.push(prompts);
    }
    await this.fill();
  }

  /** Every sequence to its end, all at a time: memory that is only there once it is used is used. */
  async fill() {
    const text = Int32Array.from({ length: CONTEXT }, (_, i) => 300 + ((i * 7919) % 40_000));
    for (const lane of this.lanes)
      await Promise.all(
        Array.from({ length: lane.properties.sequences }, async () => {
          const sequence = await lane.start({ maxTokens: text.length });
          await sequence.decode(text.subarray(0, -8), { capture: true });
          for (const token of text.subarray(-8)) await sequence.decode(Int32Array.of(token), { sample: true });
          sequence.close();
        }),
      );
  }

  async request(index) {
    const random = randomSource(index + 1);
    const which = random() < 0.3 ? 1 : 0;
    const lane = this.lanes[which];
    let timer;
    const stuck = new Promise((resolve) => {
      timer = setTimeout(resolve, STUCK_MS, "stuck");
    });
    const outcome = await Promise.race([this.one(lane, this.known[which], random), stuck]);
    clearTimeout(timer);
    this.counts[outcome] += 1;
  }

  /** One request of a kind that is drawn: what became of it. */
  async one(lane, known, random) {
    const kind = random();
    try {
      if (kind < 0.25) {
        const { tokens, readings } = known[Math.floor(random() * known.length)];
        return same(await read(lane, tokens), readings) ? "ok" : "wrong_rows";
      }
      if (kind < 0.35) return await impossible(lane, random);
      const words = Array.from(
        { length: 1 + Math.floor(random() ** 2 * 250) },
        () => WORDS[Math.floor(random() * WORDS.length)],
      );
      const { tokens } = await lane.prompt([{ role: "user", content: words.join(" ") }]);
      const most = 1 + Math.floor(random() * 12);
      const cancel = kind < 0.6 ? new AbortController() : null;
      if (cancel !== null) setTimeout(() => cancel.abort(new Error("cancelled")), random() * 400);
      await generate(
        lane,
        tokens,
        most,
        { temperature: random() < 0.5 ? 1 : 0, seed: Math.floor(random() * 1e6) },
        cancel?.signal,
      );
      return "ok";
    } catch (error) {
      if (error.message === "cancelled") return "ok";
      if (typeof error.code === "string" && error.code.startsWith("MODX_")) return "coded";
      throw error;
    }
  }
}

async function generate(lane, tokens, most, sampling, signal) {
  const sequence = await lane.start({ maxTokens: tokens.length + most, sampling, ...(signal && { signal }) });
  try {
    let { next } = await sequence.decode(tokens, { sample: true, ahead: true });
    for (let i = 0; i < most - 1 && next !== null && !lane.isEnd(next); i++) {
      signal?.throwIfAborted();
      ({ next } = await sequence.decode(Int32Array.of(next), { sample: true, ahead: true }));
    }
  } finally {
    sequence.close();
  }
}

/** Something that has to be refused with a code; that it is not is a defect. */
async function impossible(lane, random) {
  const requests = [
    () => lane.start({ maxTokens: CONTEXT * 3 }),
    () => lane.start({ maxTokens: 8, sampling: { topP: -1 } }),
    () => lane.start({ maxTokens: 8, sampling: { grammar: "root ::= (" } }),
    async () => {
      const sequence = await lane.start({ maxTokens: 4 });
      try {
        await sequence.decode(Int32Array.of(1, -7));
      } finally {
        sequence.close();
      }
    },
  ];
  await requests[Math.floor(random() * requests.length)]();
  throw new Error("an impossible request was not refused");
}

async function read(lane, tokens) {
  const sequence = await lane.start({ maxTokens: tokens.length });
  try {
    return (await sequence.decode(tokens)).readings;
  } finally {
    sequence.close();
  }
}

function same(a, b) {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}

/** Resident memory of a process in bytes, as Linux counts it. */
function rssOf(pid) {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) * 1024;
}

/** Numbers from 0 to 1, the same for a seed. */
function randomSource(seed) {
  let state = Math.imul(seed, 2654435761) >>> 0;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: { requests: { type: "string", default: "500" }, json: { type: "boolean" } },
  });
  await prepare();
  const result = await stress(Number(values.requests), (done, total, rss) => {
    console.error(`modx: ${done} of ${total} requests, ${Math.round(rss / 1e6)} MB resident`);
  });
  console.log(values.json === true ? JSON.stringify(result) : result);
  if (!passed(result)) process.exitCode = 1;
}
