import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { readReport } from "./report-file.ts";
import { reportHtml } from "./report-html.ts";

const STORED = fileURLToPath(new URL("../../../../docs/results.json", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "modx-report-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "file.json");
const { runs } = JSON.parse(readFileSync(STORED, "utf8"));

it("draws every stored run, and says that no figures were stored", () => {
  expect(runs.length).toBeGreaterThan(0);
  for (const { name } of runs) {
    const page = reportHtml(readReport(STORED, name));
    expect(page, name).toContain("figures were not stored");
    expect(page, name).not.toMatch(/NaN|Infinity|undefined|null|<svg/);
  }
});

it("reads a single report, with answers that had no score", () => {
  const figures = {
    threshold: 0,
    roc: [],
    maxima: [{ arm: "benign", values: [1, null, -2] }],
    promises: [{ traffic: "benign", stated: 0.01, realised: { hits: 0, n: 0, rate: null, low: 0, high: 1 } }],
    delay: [],
    course: [],
  };
  writeFileSync(file, JSON.stringify({ ...runs[0].report, figures }));
  const read = readReport(file);
  expect(read.figures?.maxima[0]?.values).toEqual([1, Number.NEGATIVE_INFINITY, -2]);
  const page = reportHtml(read);
  expect(page).toContain("benign: 1 of 3 above, 1 without a score");
  expect(page).not.toContain("figures were not stored");
  expect(page).not.toMatch(/NaN|Infinity|undefined|null/);
});

it("refuses what holds no report, and names that are not there", () => {
  const refused = (code: string, text: string, path = file, name?: string): void =>
    expect(() => readReport(path, name)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(text) }),
    );
  writeFileSync(file, "{");
  refused("MODX_USAGE_RESULTS", "no report that can be drawn");
  writeFileSync(file, '{"schema":2}');
  refused("MODX_USAGE_RESULTS", "schema");
  writeFileSync(file, '{"schema":1,"arms":{}}');
  refused("MODX_USAGE_RESULTS", "frozen");
  writeFileSync(file, '{"schema":1,"runs":[]}');
  refused("MODX_USAGE_RESULTS", "runs");
  refused("MODX_USAGE_RESULTS", "no report that can be drawn", join(folder, "none.json"));
  refused("MODX_USAGE", "There is no run nobody", STORED, "nobody");
  refused("MODX_USAGE", "several runs", STORED);
  writeFileSync(file, JSON.stringify({ schema: 1, runs: [{ name: "new", flags: {}, report: null }] }));
  refused("MODX_USAGE", "Nothing was stored for the run new");
  writeFileSync(file, JSON.stringify(runs[0].report));
  refused("MODX_USAGE", "one report and no runs", file, "word");
});
