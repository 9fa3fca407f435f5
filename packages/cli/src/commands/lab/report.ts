import { limitsOf, readReport } from "@modx/lab";
import type { Command } from "commander";
import { writeReport } from "../../evaluate/write-report.ts";

export function addReport(lab: Command): void {
  lab
    .command("report")
    .argument(
      "<file>",
      "what modx lab evaluate --json printed, or evaluations and what they found, as docs/results.json",
    )
    .description("draw a stored evaluation as the page that modx lab evaluate --report writes; nothing is asked again")
    .option("--name <name>", "this run, of a file with several")
    .requiredOption("--out <dir>", "write report.html and report.json into this folder")
    .action((file: string, { name, out }: { name?: string; out: string }) => {
      const report = readReport(file, name);
      writeReport(out, { ...report, limits: report.limits ?? limitsOf(report) });
    });
}
