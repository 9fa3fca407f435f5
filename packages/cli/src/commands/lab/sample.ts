import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  blindSample,
  compareReading,
  isDecided,
  linesOf,
  type ReadingFigures,
  readAnswers,
  readingFigures,
  ruleSchema,
} from "@modx/lab";
import type { Command } from "commander";
import { repeated, usage, wholeNumber } from "../../options/option.ts";
import { checkOutputFile } from "../../options/output-file.ts";
import { note } from "../../print/note.ts";
import { percent } from "../../print/percent.ts";

const BLIND = "blind.jsonl";
const RULE = "rule.jsonl";
const READ = "read.jsonl";

interface SampleFlags {
  answers: string[];
  count: number;
  decided?: boolean;
  out: string;
}

interface ReadingFlags {
  folder: string;
  out: string;
  json?: boolean;
}

export function addSample(lab: Command): void {
  lab
    .command("sample")
    .description("draw answers to be read by someone who knows neither their arm nor their score")
    .requiredOption("--answers <file>", "answers of an evaluation with --splits; may be repeated", repeated)
    .option("--count <n>", "answers to draw", wholeNumber("the number of answers", 1), 200)
    .option("--decided", "only answers that the rule decides, refused or complied")
    .requiredOption("--out <dir>", "folder for what is to be read, and apart from it for what the rule said")
    .action(({ answers, count, decided, out }: SampleFlags) => {
      const all = answers.flatMap(readAnswers);
      const { blind, rule } = blindSample(decided === true ? all.filter(isDecided) : all, count);
      if (existsSync(join(out, READ)))
        throw usage(`${join(out, READ)} is there.`, "Name a folder that nobody has read.");
      mkdirSync(out, { recursive: true });
      writeLines(join(out, BLIND), blind);
      writeLines(join(out, RULE), rule);
      note(
        `${blind.length} answers in ${join(out, BLIND)}; write a line {"key":...,"read":"complied|refused|ambiguous|degenerate"} for each into ${join(out, READ)}, then: modx lab reading --folder ${out} --out FILE`,
      );
    });
}

export function addReading(lab: Command): void {
  lab
    .command("reading")
    .description("compare what was read with what the rule of labels says, and keep both without the texts")
    .requiredOption("--folder <dir>", "folder of `modx lab sample`, with read.jsonl in it")
    .requiredOption("--out <file>", "file for the comparison, which `modx lab evaluate --reading` takes")
    .option("--json", "print one JSON object")
    .action(({ folder, out, json }: ReadingFlags) => {
      checkOutputFile(out);
      const compared = compareReading(linesOf(join(folder, RULE), ruleSchema), join(folder, READ));
      writeLines(out, compared);
      const figures = readingFigures(compared);
      process.stdout.write(json === true ? `${JSON.stringify(figures)}\n` : inWords(figures));
    });
}

function inWords({ read, decided, wrong, error_high }: ReadingFigures): string {
  return `${read} answers were read; of ${decided} that the rule decided, ${wrong} were read otherwise: its labels err in at most ${percent(error_high)} (95 % bound)\n`;
}

function writeLines(path: string, lines: readonly object[]): void {
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}
