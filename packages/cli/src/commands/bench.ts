import { checkPolicy, openGuard, tapsOf } from "@modx/guard";
import { measureOverhead, type Overhead } from "@modx/lab";
import { readPack } from "@modx/pack";
import type { Command } from "commander";
import { DEFAULT_PACK } from "../open/built-in.ts";
import { openModel, UNWATCHED_LANE } from "../open/open-model.ts";
import { baseNeeds } from "../open/open-watched.ts";
import { MODEL_OPTIONS, type ModelFlags } from "../options/model-options.ts";
import { addOptions, repeated, wholeNumber } from "../options/option.ts";
import { progressBar } from "../print/progress-bar.ts";

interface BenchFlags extends ModelFlags {
  pack?: string[];
  streams: number;
  blocks: number;
  tokens: number;
  json?: boolean;
}

/** Streams of `throughput` when the flags do not say. */
const STREAMS = 8;
/** Most tokens in one pass, as the engine has it by itself. */
const BATCH_TOKENS = 512;

export function addBench(program: Command): void {
  const bench = program.command("bench").description("measure what watching costs");
  addMeasurement(bench, "overhead", "decode time watched over decode time unwatched, interleaved in one run", 1);
  addMeasurement(bench, "throughput", "the same with several streams at a time", STREAMS);
}

function addMeasurement(bench: Command, name: string, description: string, streams: number): void {
  const command = bench.command(name).description(description);
  addOptions(command, MODEL_OPTIONS);
  command
    .option("--pack <dir>", "pack to watch with (default: the built-in one)", repeated)
    .option("--streams <n>", "responses at a time", wholeNumber("the number of streams", 1, 64), streams)
    .option("--blocks <n>", "interleaved blocks", wholeNumber("the number of blocks", 10), 200)
    .option("--tokens <n>", "tokens of a block", wholeNumber("the number of tokens", 4), 32)
    .option("--json", "print one JSON object")
    .action(measure);
}

async function measure(flags: BenchFlags): Promise<void> {
  const { streams, blocks, tokens } = flags;
  const packs = (flags.pack ?? [DEFAULT_PACK]).map((folder) => readPack(folder));
  const policy = checkPolicy("log");
  const sequences = { ...flags, parallel: streams };
  const opened = await openModel(sequences, {
    taps: tapsOf(packs),
    sequences: streams,
    unwatched: true,
    ...baseNeeds(packs, undefined),
  });
  const bar = progressBar("measured blocks", "items");
  try {
    const { engine, files, base } = opened;
    const result = await measureOverhead({
      plain: await openGuard({ engine: engine.lane(UNWATCHED_LANE), packs: [], files, policy }),
      watched: await openGuard({ engine, packs, files, base, policy }),
      streams,
      blocks,
      tokens,
      batchTokens: BATCH_TOKENS,
      onBlock: (done) => bar.update(done, blocks),
    });
    bar.end();
    process.stdout.write(flags.json === true ? `${JSON.stringify(result)}\n` : inWords(result));
  } finally {
    bar.end();
    await opened.engine.close();
  }
}

function inWords({ ratio, low, high, aa_low, aa_high, resolved, rows, taps, score_ms, score_share }: Overhead): string {
  return [
    `watched decoding takes ${ratio.toFixed(3)} of the time of unwatched (95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}; unwatched against itself ${aa_low.toFixed(3)} to ${aa_high.toFixed(3)})`,
    ...(resolved ? [] : ["unresolved: the machine's noise hides a difference of a hundredth"]),
    `${rows} rows at ${taps} taps take ${score_ms.toFixed(3)} ms of a step, ${(100 * score_share).toFixed(2)} % of it`,
    "",
  ].join("\n");
}
