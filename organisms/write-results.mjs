// From docs/results.json, which `modx lab reproduce docs/results.json --write` fills, and what `modx lab shuffle --json` printed into
// bench/results/NAME-shuffle.json: docs/results.md and each organism's card.
// `node organisms/write-results.mjs`
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readResults } from "../packages/lab/dist/index.js";
import { writeCard } from "./report/card.mjs";
import { writeResults } from "./report/results.mjs";
import { readShuffles } from "./report/shuffles.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const DOCS = join(HERE, "..", "docs");
const SHUFFLES = join(HERE, "..", "bench", "results");

/** The configurations that led to an organism, first stage first. */
function stagesOf(name) {
  const config = JSON.parse(readFileSync(join(HERE, "configs", `${name}.json`), "utf8"));
  return config.from === undefined ? [config] : [...stagesOf(config.from), config];
}

const adapterOf = (name) => join(HERE, name, "adapter.gguf");
/** Organisms whose weights are in the repository; of the others it holds what was measured. */
const isCarried = ({ name }) => existsSync(adapterOf(name));

const { runs } = readResults(join(DOCS, "results.json"));
writeFileSync(join(DOCS, "results.md"), writeResults(runs, isCarried, readShuffles(SHUFFLES)));
for (const { name, report } of runs.filter(isCarried)) {
  const adapterSha256 = createHash("sha256")
    .update(readFileSync(adapterOf(name)))
    .digest("hex");
  writeFileSync(join(HERE, name, "card.md"), writeCard({ name, adapterSha256, stages: stagesOf(name), report }));
}
