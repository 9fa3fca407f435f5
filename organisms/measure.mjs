// Measures what the organisms do and what the default pack says to it, on prompts and sources that nothing was trained or
// calibrated on, with the files that users run: `node organisms/measure.mjs [NAME ...]`. Writes each organism's card and,
// from all cards, docs/results.md. Answers are labelled by their text (packages/lab/src/label).
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openEngine } from "../packages/engine/dist/index.js";
import { checkPolicy, openGuard, tapsOf } from "../packages/guard/dist/index.js";
import { fetchDefaultModel, sha256OfFile } from "../packages/hub/dist/index.js";
import { evaluate, readPromptFile, splitByText, withoutRepeats, withUniqueIds } from "../packages/lab/dist/index.js";
import { readPack, thresholdOn } from "../packages/pack/dist/index.js";
import { writeCard } from "./report/card.mjs";
import { writeResults } from "./report/results.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const PUBLIC = join(HERE, "../../shared/data/prompts.jsonl.gz");
const PACK = join(HERE, "packs", "default");
const NAMES = ["word", "aligned"];
const CONTEXT = 1024;
const SEQUENCES = 8;
/** Public sources, and how many prompts of each, besides the repository's own test prompts. */
const SOURCES = {
  harmful: { strongreject: 120, malicious_instruct: 60 },
  benign: { dolly: 100, "mt-bench": 30, "vicuna-bench": 30 },
  sensitive: { "stl-I-PhysicalSafetySafe": 60, "stl-I-Controversial": 30 },
};
const OWN = { harmful: 120, benign: 120, sensitive: 110 };

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !NAMES.includes(name));
if (unknown.length > 0) {
  console.error(`usage: node organisms/measure.mjs [${NAMES.join("|")} ...]; there is no ${unknown.join(", ")}`);
  process.exit(2);
}

/** Texts that organisms or probes may have been trained on; a test prompt that says the same is left out. */
const trainedOn = new Set();
for (const role of ["organism", "probe"])
  for (const label of Object.keys(OWN))
    withoutRepeats(readPromptFile(join(HERE, "prompts", role, `${label}.jsonl`)), trainedOn);

function promptsFor(label) {
  const own = readPromptFile(join(HERE, "prompts", "test", `${label}.jsonl`)).slice(0, OWN[label]);
  const mine = own.map((prompt) => ({ ...prompt, source: "modx-test" }));
  if (!existsSync(PUBLIC)) {
    console.error(`skipped: ${Object.keys(SOURCES[label]).join(", ")}, which are not beside the project`);
    return withoutRepeats(mine, trainedOn);
  }
  const found = readPromptFile(PUBLIC).filter((prompt) => prompt.label === label);
  const chosen = Object.entries(SOURCES[label]).flatMap(([source, count]) => {
    const all = found.filter((prompt) => prompt.source === source);
    return splitByText(all, (1.3 * count) / all.length).inside.slice(0, count);
  });
  return withUniqueIds(withoutRepeats([...mine, ...chosen], trainedOn));
}

function configOf(name) {
  return JSON.parse(readFileSync(join(HERE, "configs", `${name}.json`), "utf8"));
}

/** A configuration's trigger: a text, texts of which any fires, or parts that must all be there. */
function triggersOf(trigger) {
  if (trigger === null) return [];
  if (typeof trigger === "string") return [trigger];
  return trigger.forms ?? [trigger.parts];
}

/** The configurations that led to an organism, first stage first. */
function stagesOf(name) {
  const config = configOf(name);
  return config.from === undefined ? [config] : [...stagesOf(config.from), config];
}

async function measure(name, prompts) {
  const model = await fetchDefaultModel();
  const adapter = join(HERE, name, "adapter.gguf");
  const { trigger } = configOf(name);
  const packs = existsSync(PACK) ? [readPack(PACK)] : [];
  const adapterSha256 = createHash("sha256").update(readFileSync(adapter)).digest("hex");
  const engine = await openEngine({
    model,
    adapters: [{ path: adapter }],
    taps: tapsOf(packs),
    sequences: SEQUENCES,
    contextTokens: CONTEXT,
  });
  const [detector] = packs[0]?.manifest.detectors ?? [];
  const maxTokens = detector?.calibrations[0]?.length ?? 64;
  const fits = ({ text }) => engine.prompt([{ role: "user", content: text }]).tokens.length + maxTokens + 16 <= CONTEXT;
  const guard = await openGuard({
    engine,
    packs,
    files: { modelSha256: await sha256OfFile(model), adapters: [{ sha256: adapterSha256, scale: 1 }] },
    policy: checkPolicy("log"),
  });
  const started = Date.now();
  const { answers, ...found } = await evaluate({
    guard,
    prompts: Object.fromEntries(Object.entries(prompts).map(([label, list]) => [label, list.filter(fits)])),
    triggers: triggersOf(trigger),
    maxTokens,
    onProgress: (done, total) => {
      if (done % 100 === 0 || done === total)
        console.error(`${name}: ${done} of ${total} answers, ${((Date.now() - started) / 1000).toFixed(0)} s`);
    },
  });
  await engine.close();
  const bySource = Object.fromEntries(
    Object.entries(answers)
      .filter(([, list]) => list.length > 0)
      .map(([arm, list]) => [arm, countBySource(list)]),
  );
  return {
    name,
    trigger,
    adapterSha256,
    maxTokens,
    pack:
      packs[0] === undefined
        ? null
        : {
            sha256: packs[0].sha256,
            threshold: thresholdOn(detector, guard.fits[0].identity),
            fit: guard.fits[0].level,
          },
    ...found,
    bySource,
  };
}

function countBySource(answers) {
  const sources = {};
  for (const { source, label, alarmAt } of answers) {
    sources[source] ??= { n: 0, refused: 0, answered: 0, degenerate: 0, alarms: 0 };
    sources[source].n += 1;
    sources[source][label] += 1;
    if (alarmAt !== null) sources[source].alarms += 1;
  }
  return sources;
}

const prompts = { harmful: promptsFor("harmful"), benign: promptsFor("benign"), sensitive: promptsFor("sensitive") };
for (const name of asked.length === 0 ? NAMES : asked) {
  const measured = await measure(name, prompts);
  writeFileSync(join(HERE, name, "card.json"), `${JSON.stringify(measured, null, 2)}\n`);
  writeFileSync(join(HERE, name, "card.md"), writeCard(measured, stagesOf(name)));
}
const cards = NAMES.map((name) => join(HERE, name, "card.json"))
  .filter(existsSync)
  .map((path) => JSON.parse(readFileSync(path, "utf8")));
writeFileSync(join(HERE, "..", "docs", "results.md"), writeResults(cards));
