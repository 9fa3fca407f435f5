import { ModxError } from "@modx/errors";
import { z } from "zod";
import { inForm, readJsonFile } from "../files/json-file.ts";
import type { DrawnReport } from "./report-html.ts";
import { drawnReportSchema } from "./report-schema.ts";
import { readResults } from "./results-file.ts";

/**
 * The report that a file holds: what `modx lab evaluate --json` printed, or a run's of a results file by its name, which may be left out
 * where there is one run. Throws MODX_USAGE_RESULTS for a file of another kind, MODX_USAGE for a name that is not there.
 */
export function readReport(path: string, name?: string): DrawnReport {
  const unusable = (why: string, cause?: unknown): ModxError =>
    new ModxError("MODX_USAGE_RESULTS", {
      what: `The file ${path} holds no report that can be drawn: ${why}.`,
      remedy: "Give what modx lab evaluate --json printed, or a results file as docs/results.json with --name.",
      cause,
    });
  const json = readJsonFile(path, z.looseObject({ schema: z.literal(1) }), unusable);
  if (!("runs" in json)) {
    if (name !== undefined) throw noRun(`The file ${path} holds one report and no runs.`, "Leave --name out.");
    return inForm(json, drawnReportSchema, "the whole file", unusable);
  }
  const { runs } = readResults(path);
  const names = `There are: ${runs.map((run) => run.name).join(", ")}`;
  const [run, ...more] = runs.filter((one) => name === undefined || one.name === name);
  if (run === undefined) throw noRun(`There is no run ${name} in ${path}.`, names);
  if (more.length > 0 && name === undefined)
    throw noRun(`The file ${path} holds several runs.`, `--name one. ${names}`);
  if (run.report === null)
    throw noRun(`Nothing was stored for the run ${run.name}.`, "Store it with: modx lab reproduce --write");
  return inForm(run.report, drawnReportSchema, "the whole report", (why, cause) =>
    unusable(`run ${run.name}, ${why}`, cause),
  );
}

function noRun(what: string, remedy: string): ModxError {
  return new ModxError("MODX_USAGE", { what, remedy });
}
