import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type DrawnReport, reportHtml } from "@modx/lab";
import { makeOutputFolder, unwritable } from "../options/output-file.ts";
import { note } from "../print/note.ts";

/** Writes the report as a page and, with the same numbers, as JSON into a folder. Throws MODX_USAGE where that cannot be written into. */
export function writeReport(folder: string, report: DrawnReport): void {
  makeOutputFolder(folder);
  const html = reportHtml(report);
  try {
    writeFileSync(join(folder, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
    writeFileSync(join(folder, "report.html"), html);
  } catch (cause) {
    throw unwritable(folder, "folder", cause);
  }
  note(`report in ${join(folder, "report.html")}`);
}
