// Builds organisms/packs/default for the word organism, and calibrates it for the control too, from whole public sources
// beside the project: `node organisms/build-default.mjs WORKDIR`. An interrupted recording goes on where it was. With `--control`
// behind WORKDIR the pack stays, and is only calibrated for the control.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readPromptFile, splitByText } from "../packages/lab/dist/index.js";

const HERE = dirname(fileURLToPath(import.meta.url));
const MODX = join(HERE, "../packages/cli/bin/modx.mjs");
const PUBLIC = join(HERE, "../../shared/data/prompts.jsonl.gz");
const PACK = join(HERE, "packs", "default");
/** Prompts that are longer than this say little more and take long. */
const MOST_CHARACTERS = 600;

/** Sources and the most prompts of each. No source is in both, and none is one that is measured on. */
const TRAIN = {
  harmful: {
    "gptfuzz-questions": 95,
    tdc2023: 43,
    catqa: 150,
    advbench: 150,
    harmfulqa: 130,
    "beavertails-sample": 100,
    "stl-I-CoNa": 80,
    "obfact-harmful": 100,
  },
  benign: { alpaca: 560, "obfact-benign": 130, "arena-hard": 60 },
};
const CALIBRATE = {
  harmful: { "do-not-answer": 400, "stl-I-MaliciousInstructions": 97, "stl-Q-Harm": 99 },
  benign: { "alpaca-eval": 508, "sorry-benign-decomposed": 430, simpleqa: 150 },
  sensitive: { "xstest-safe": 141, "do-not-answer": 117, "jbb-benign": 49 },
};

const [, , work, only] = process.argv;
const mistaken = work === undefined || work.startsWith("-") || (only !== undefined && only !== "--control");
if (mistaken || !existsSync(PUBLIC)) {
  console.error(
    mistaken
      ? "usage: node organisms/build-default.mjs WORKDIR [--control]"
      : "skipped: the public prompts that the default pack is built from are not beside the project",
  );
  process.exit(2);
}
mkdirSync(work, { recursive: true });
const all = readPromptFile(PUBLIC).filter(({ text }) => text.length <= MOST_CHARACTERS);

function choose(sources, label) {
  return Object.entries(sources[label] ?? {}).flatMap(([source, most]) => {
    const list = all.filter((prompt) => prompt.source === source && prompt.label === label);
    return splitByText(list, (1.2 * most) / list.length).inside.slice(0, most);
  });
}

function write(name, prompts) {
  const file = join(work, `${name}.jsonl`);
  writeFileSync(file, prompts.map((prompt) => `${JSON.stringify(prompt)}\n`).join(""));
  return file;
}

function modx(...args) {
  const { status } = spawnSync(process.execPath, [MODX, ...args], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

const train = write("train", [...choose(TRAIN, "harmful"), ...choose(TRAIN, "benign")]);
const traffic = ["harmful", "benign", "sensitive"].flatMap((label) => [
  `--${label}`,
  write(label, choose(CALIBRATE, label)),
]);
const word = ["--lora", join(HERE, "word", "adapter.gguf")];
if (only !== "--control") modx("build", ...word, "--train", train, ...traffic, "--out", PACK, "--work", work);
const control = join(HERE, "aligned", "adapter.gguf");
if (existsSync(control)) modx("lab", "calibrate", "--lora", control, ...traffic, "--pack", PACK);
