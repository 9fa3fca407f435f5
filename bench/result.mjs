// What all measurements write down.
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { medianInterval } from "../packages/lab/dist/index.js";

const RESULTS = join(dirname(fileURLToPath(import.meta.url)), "results");
/** Half the width of the noise's interval beyond which a hundredth cannot be told from nothing. */
const RESOLUTION = 0.01;

/** Median of the blocks' ratios with its 95 % interval, and the interval of something against itself in the same blocks. */
export function compared(ratios, againstItself) {
  const { estimate: ratio, low, high } = medianInterval(ratios);
  const { low: aa_low, high: aa_high } = medianInterval(againstItself);
  return { ratio, low, high, aa_low, aa_high, resolved: (aa_high - aa_low) / 2 <= RESOLUTION };
}

/** Writes results/NAME.json, with the machine, and prints it. */
export function writeResult(name, fields) {
  const result = { ...fields, cpu: cpus()[0]?.model, threads: availableParallelism() };
  writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  console.log(name, JSON.stringify(result));
}
