import { existsSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import {
  type Comparison,
  changedSince,
  compareReports,
  type ResultsFile,
  readResults,
  type StoredReport,
} from "@modx/lab";
import type { Command } from "commander";
import type { EvaluateFlags } from "../../evaluate/evaluate-flags.ts";
import { evaluation } from "../../evaluate/evaluation.ts";
import { THREADS } from "../../options/model-options.ts";
import { addOptions, repeated, usage, wholeNumber } from "../../options/option.ts";
import { makeOutputFolder } from "../../options/output-file.ts";
import { note } from "../../print/note.ts";
import { percent } from "../../print/percent.ts";
import { EXIT_ALARM } from "../exit-status.ts";

interface ReproduceFlags {
  only?: string[];
  limit?: number;
  write?: boolean;
  work?: string;
  threads?: number;
  json?: boolean;
}

type Run = ResultsFile["runs"][number];

export function addReproduce(lab: Command): void {
  const command = lab
    .command("reproduce")
    .argument("<file>", "evaluations and what they found, as docs/results.json")
    .description("run stored evaluations again and compare each figure with what was found")
    .option("--only <name>", "this run; may be repeated", repeated)
    .option("--limit <n>", "most prompts of each kind, for a quicker and coarser look", wholeNumber("the number", 1))
    .option("--work <dir>", "folder in which every answer of every run is kept, to go on with after an interruption")
    .option("--write", "store what is found now instead of comparing")
    .option("--json", "print one JSON object a run");
  addOptions(command, [{ ...THREADS, description: "threads (default: those of the run, or all processors)" }]);
  command.action(reproduce);
}

async function reproduce(file: string, flags: ReproduceFlags): Promise<void> {
  const results = readResults(file);
  const chosen = results.runs.filter(({ name }) => flags.only === undefined || flags.only.includes(name));
  if (chosen.length === 0)
    throw usage(
      `There is no run of that name in ${file}.`,
      `There are: ${results.runs.map(({ name }) => name).join(", ")}`,
    );
  for (const run of chosen) checkFlags(run);
  // known before half an hour is spent on answers
  const unknown = chosen.find(({ report }) => report === null);
  if (unknown !== undefined && flags.write !== true)
    throw usage(
      `Nothing was stored for the run ${unknown.name}.`,
      "Store it with --write, or name others with --only.",
    );
  const possible = chosen.filter((run) => {
    const missing = missingFile(dirname(file), run.flags);
    if (missing === null) return true;
    // what was asked for by its name is not passed over
    if (flags.only !== undefined || chosen.length === 1)
      throw usage(`The run ${run.name} needs ${missing}, which is not there.`, HOW_TO_HAVE_IT);
    note(`${run.name}: left out, as ${missing} is not there`);
    return false;
  });
  if (flags.work !== undefined) makeOutputFolder(flags.work);
  for (const run of possible) {
    note(`${run.name}: asking`);
    const { report } = await evaluation({
      ...seenFrom(dirname(file), run.flags),
      ...(flags.limit !== undefined && { limit: flags.limit }),
      ...(flags.work !== undefined && { work: flags.work }),
      ...(flags.threads !== undefined && { threads: flags.threads }),
    });
    if (report === null) throw usage(`The run ${run.name} has no pack.`, "Name one among its flags.");
    if (flags.write === true) {
      const { figures: _, ...kept } = report;
      run.report = JSON.parse(JSON.stringify(kept));
      writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
      note(`${run.name}: written to ${file}`);
      continue;
    }
    if (run.report !== null) tell(run.name, run.report, JSON.parse(JSON.stringify(report)), flags.json === true);
  }
}

function tell(name: string, then: StoredReport, now: StoredReport, json: boolean): void {
  const comparisons = compareReports(then, now);
  const changed = changedSince(then, now);
  if (comparisons.some(({ agrees }) => !agrees)) process.exitCode = EXIT_ALARM;
  process.stdout.write(
    json
      ? `${JSON.stringify({ name, changed, comparisons })}\n`
      : [
          `${name}${changed.length === 0 ? "" : ` (changed since: ${changed.join(", ")})`}`,
          ...comparisons.map(line),
          "",
        ].join("\n"),
  );
}

function line({ what, unit, before, now, agrees }: Comparison): string {
  const written = (value: number | null): string =>
    value === null ? "-" : unit === "share" ? percent(value) : value.toFixed(unit === "tokens" ? 1 : 3);
  const many = ({ n }: Comparison["now"]): string => (unit === "share" ? `, n = ${n}` : "");
  return `  ${agrees ? "agrees " : "DIFFERS"}  ${written(before.rate).padStart(7)} (${written(before.low)} - ${written(before.high)}${many(before)}) then, ${written(now.rate).padStart(7)} (${written(now.low)} - ${written(now.high)}${many(now)}) now  ${what}`;
}

const FILES = [
  "lora",
  "pack",
  "splits",
  "triggerFile",
  "control",
  "reading",
  "harmful",
  "benign",
  "sensitive",
] as const;

/** What a stored run may say. */
const KNOWN = [
  ...FILES,
  "model",
  "hfRepo",
  "loraScaled",
  "base",
  "beside",
  "sae",
  "trigger",
  "limit",
  "attack",
  "predict",
  "ctxSize",
  "threads",
  "accelerator",
  "gpuLayers",
  "chatTemplateFile",
  "policy",
  "allowUncalibrated",
] as const satisfies readonly (keyof EvaluateFlags)[];

const HOW_TO_HAVE_IT =
  "Put it there first. An organism whose weights are not carried is trained by organisms/recipe from its configuration.";

/** The first file or folder that a run names and that is not there; null where all are. */
function missingFile(folder: string, flags: Run["flags"]): string | null {
  const seen = seenFrom(folder, flags);
  const beside = (seen.beside ?? []).map((text) => text.replace(/^[^=]*=/, ""));
  const named = [...FILES.flatMap((name) => seen[name] ?? []), ...beside];
  return named.find((path) => path !== "none" && !existsSync(path)) ?? null;
}

/** A flag that is misspelt would leave a part of the evaluation out, and the rest would agree. */
function checkFlags({ name, flags }: Run): void {
  const unknown = Object.keys(flags).filter((flag) => !KNOWN.some((known) => known === flag));
  if (unknown.length > 0)
    throw usage(
      `The run ${name} has flags that are not known: ${unknown.join(", ")}.`,
      `Known are: ${KNOWN.join(", ")}.`,
    );
}

/** The flags with their files found from `folder`; a model or a base that is named and not a path stays a name. */
function seenFrom(folder: string, flags: Run["flags"]): EvaluateFlags {
  const place = (path: string): string => (path === "none" ? path : resolve(folder, path));
  const entries = Object.entries(flags).map(([name, value]) => {
    if (name === "beside" && Array.isArray(value))
      return [name, value.map((text) => text.replace(/=(.*)$/, (_, path: string) => `=${place(path)}`))];
    const isPath = FILES.some((file) => file === name) || String(value).startsWith(".");
    if (!isPath || typeof value === "number") return [name, value];
    return [name, Array.isArray(value) ? value.map(place) : place(value)];
  });
  return Object.fromEntries(entries) as EvaluateFlags;
}
