import { type Difference, diffPacks, readAnyPack } from "@modx/pack";
import type { Command } from "commander";

export function addDiff(pack: Command): void {
  pack
    .command("diff")
    .description("in what two packs differ; exits 1 where they do")
    .argument("<before>")
    .argument("<after>")
    .option("--json", "print one JSON object for each difference")
    .action((before: string, after: string, flags: { json?: boolean }) => {
      const differences = diffPacks(readAnyPack(before), readAnyPack(after));
      for (const difference of differences)
        process.stdout.write(flags.json === true ? `${JSON.stringify(difference)}\n` : inWords(difference));
      if (differences.length > 0) process.exitCode = 1;
    });
}

function inWords({ what, before, after }: Difference): string {
  const line = (sign: string, value: string | null): string => (value === null ? "" : `${sign} ${what}: ${value}\n`);
  return line("-", before) + line("+", after);
}
