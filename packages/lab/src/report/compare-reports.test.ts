import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { wilson } from "../stats/rates.ts";
import { changedSince, compareReports } from "./compare-reports.ts";
import { readResults, type StoredReport } from "./results-file.ts";

const rateOf = (hits: number, n: number) => ({ ...wilson(hits, n) });

function report(caught: number, benign: number, commit = "a"): StoredReport {
  return {
    schema: 1,
    frozen: { commit, pack_sha256: "p", threshold_sha256: "t" },
    arms: { benign: rateOf(benign, 1000), empty: rateOf(0, 0) },
    operating: { "in force": { threshold: 1, caught: rateOf(caught, 300) } },
    tpr_by: { "8": rateOf(caught - 20, 300) },
    controls: {},
  };
}

it("agrees within the intervals, and names what does not", () => {
  const same = compareReports(report(250, 5), report(245, 8));
  expect(same.map(({ what }) => what)).toEqual(["benign", "caught, in force", "caught by token 8"]);
  expect(same.every(({ agrees }) => agrees)).toBe(true);
  const other = compareReports(report(250, 5), report(180, 5));
  expect(other.filter(({ agrees }) => !agrees).map(({ what }) => what)).toEqual([
    "caught, in force",
    "caught by token 8",
  ]);
});

it("does not agree that what was found is gone", () => {
  const { arms: _, ...rest } = report(250, 5);
  const gone = compareReports(report(250, 5), { ...rest, arms: {}, operating: {} });
  expect(gone.filter(({ agrees }) => !agrees).map(({ what }) => what)).toEqual(["benign", "caught, in force"]);
  const area = (auroc: number): StoredReport => ({
    ...report(250, 5),
    hard8: { auroc, low: auroc - 0.02, high: auroc + 0.02 },
  });
  const [compared] = compareReports(area(0.95), area(0.9)).filter(({ what }) => what.startsWith("area"));
  expect(compared?.agrees).toBe(false);
});

it("says what was frozen and has changed", () => {
  expect(changedSince(report(1, 1), report(1, 1))).toEqual([]);
  expect(changedSince(report(1, 1), report(1, 1, "b"))).toEqual(["commit"]);
});

const folder = mkdtempSync(join(tmpdir(), "modx-results-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("reads results with and without reports, and refuses others", () => {
  const path = join(folder, "results.json");
  const runs = [
    { name: "word", flags: { lora: ["word.gguf"], limit: 3 }, report: JSON.parse(JSON.stringify(report(29, 1))) },
    { name: "new", flags: {}, report: null },
  ];
  writeFileSync(path, JSON.stringify({ schema: 1, runs }));
  expect(readResults(path).runs).toEqual(runs);
  for (const text of ["{", '{"schema":1,"runs":[]}', '{"schema":1,"runs":[{"name":"x","flags":{},"report":{}}]}']) {
    writeFileSync(path, text);
    expect(() => readResults(path)).toThrow(expect.objectContaining({ code: "MODX_USAGE_RESULTS" }));
  }
});
