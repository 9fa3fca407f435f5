import { checkPolicy, openGuard, tapsOf } from "@modx/guard";
import { measureOverhead } from "@modx/lab";
import { readPack } from "@modx/pack";
import type { Command } from "commander";
import { DEFAULT_PACK } from "../open/built-in.ts";
import { openModel } from "../open/open-model.ts";
import { MODEL_OPTIONS, type ModelFlags } from "../options/model-options.ts";
import { addOptions, repeated, wholeNumber } from "../options/option.ts";
import { progressBar } from "../print/progress-bar.ts";

interface OverheadFlags extends ModelFlags {
  pack?: string[];
  blocks: number;
  tokens: number;
  json?: boolean;
}

export function addBench(program: Command): void {
  const bench = program.command("bench").description("measure what watching costs");
  const command = bench
    .command("overhead")
    .description("decode time watched over decode time unwatched, interleaved in one run");
  addOptions(command, MODEL_OPTIONS);
  command
    .option("--pack <dir>", "pack to watch with (default: the built-in one)", repeated)
    .option("--blocks <n>", "interleaved blocks", wholeNumber("the number of blocks", 10), 200)
    .option("--tokens <n>", "tokens of a block", wholeNumber("the number of tokens", 4), 32)
    .option("--json", "print one JSON object")
    .action(async (flags: OverheadFlags) => {
      const packs = (flags.pack ?? [DEFAULT_PACK]).map(readPack);
      const policy = checkPolicy("log");
      const plain = await openModel({ ...flags, parallel: 1 }, { taps: [], sequences: 1 });
      const watched = await openModel({ ...flags, parallel: 1 }, { taps: tapsOf(packs), sequences: 1 });
      const bar = progressBar("measured blocks", "items");
      try {
        const result = await measureOverhead({
          plain: await openGuard({ engine: plain.engine, packs: [], files: plain.files, policy }),
          watched: await openGuard({ engine: watched.engine, packs, files: watched.files, policy }),
          blocks: flags.blocks,
          tokens: flags.tokens,
          onBlock: (done) => bar.update(done, flags.blocks),
        });
        bar.end();
        if (flags.json === true) process.stdout.write(`${JSON.stringify(result)}\n`);
        else {
          const { ratio, low, high, aa_low, aa_high, rows, taps } = result;
          process.stdout.write(
            `watched decoding takes ${ratio.toFixed(3)} of the time of unwatched (95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}; ` +
              `unwatched against itself ${aa_low.toFixed(3)} to ${aa_high.toFixed(3)}), ${rows} rows at ${taps} taps\n`,
          );
        }
      } finally {
        bar.end();
        await plain.engine.close();
        await watched.engine.close();
      }
    });
}
