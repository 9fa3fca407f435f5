import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type EvaluationReport, reportHtml } from "@modx/lab";
import { note } from "../print/note.ts";

/** Writes the report as a page and, with the same numbers, as JSON into a folder. */
export function writeReport(folder: string, report: EvaluationReport): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(join(folder, "report.html"), reportHtml(report));
  note(`report in ${join(folder, "report.html")}`);
}
