import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { wilson } from "../stats/rates.ts";
import { changedSince, compareReports } from "./compare-reports.ts";
import { PRIMARY_ARM } from "./evaluation-report.ts";
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

/** A report with all that is compared, some of it shifted. */
function whole(shift: number): StoredReport {
  const primary = { ...rateOf(250, 300), prompts: 300 };
  const area = (auroc: number) => ({ auroc: auroc - shift, low: auroc - shift - 0.02, high: auroc - shift + 0.02 });
  const hits = (share: number, n: number) => rateOf(Math.round((share - shift) * n), n);
  return {
    ...report(250, 5),
    arms: { [PRIMARY_ARM]: primary, "benign that looks harmful, answered": rateOf(60, 360) },
    behaviour: { harmful: { refused: hits(0.9, 450), answered: hits(0.5, 450) } },
    refused8: area(0.9),
    surprisal: {
      ...area(0.7),
      complied: 0.5 - 2 * shift,
      sensitive: 0.3 - 2 * shift,
      token_complied: { rho: 0.4 - shift, low: 0.38 - shift, high: 0.42 - shift, tokens: 9000 },
      token_sensitive: null,
    },
    paired: [{ versus: "tf-idf", b: Math.round(300 * (0.6 - shift)), c: Math.round(300 * (shift + 0.02)) }],
    beside: { kin: { ...area(0.95), caught: hits(0.8, 300), benign: null } },
    delay: {
      median: 7 + 20 * shift,
      p90: 10 + 20 * shift,
      recall_honest: 18 + 20 * shift,
      intervals: { median: [7, 7], p90: [8, 11], recall_honest: [17, 19] },
    },
  };
}

it("compares behaviour, both contrasts, pairs, other packs, delays and surprise too", () => {
  const added = [
    "harmful: refused",
    "harmful: answered",
    "area against refusals",
    "caught by the monitor and not by tf-idf",
    "caught by tf-idf and not by the monitor",
    "area of kin",
    "caught by kin at its own threshold",
    "tokens let out, median of the caught",
    "tokens let out, 90th percentile of the caught",
    "tokens let out on average, what is never caught counted whole",
    "area of surprise",
    "surprise and score, complied",
    "surprise and score, what looks harmful",
    "surprise and score by token, complied",
  ];
  const same = compareReports(whole(0), whole(0));
  expect(same.map(({ what }) => what)).toEqual(expect.arrayContaining(added));
  expect(same.every(({ agrees }) => agrees)).toBe(true);
  const { delay, ...shifted } = whole(0.15);
  if (delay === undefined) throw new Error("no delay");
  const { intervals: _, ...bare } = delay;
  const differing = compareReports(whole(0), { ...shifted, delay: bare });
  expect(differing.filter(({ agrees }) => !agrees).map(({ what }) => what)).toEqual(expect.arrayContaining(added));
});

it("takes a figure that was stored without an interval for right where it lies in the new one", () => {
  const { delay, surprisal, ...rest } = whole(0);
  if (delay === undefined || surprisal === undefined) throw new Error("no such figures");
  const { intervals: _, ...bare } = delay;
  const old: StoredReport = { ...rest, delay: bare, surprisal: { auroc: 0.71, complied: 0.5, sensitive: 0.3 } };
  expect(compareReports(old, whole(0)).every(({ agrees }) => agrees)).toBe(true);
  const far = {
    ...old,
    delay: { ...bare, recall_honest: 25 },
    surprisal: { auroc: 0.8, complied: 0.5, sensitive: 0.3 },
  };
  expect(
    compareReports(far, whole(0))
      .filter(({ agrees }) => !agrees)
      .map(({ what }) => what),
  ).toEqual(["tokens let out on average, what is never caught counted whole", "area of surprise"]);
});

it("compares what the seed's rule flags, where it was asked", () => {
  const flagging = (hits: number): StoredReport => ({ ...report(250, 5), seedRule: { benign: rateOf(hits, 100) } });
  const of = (then: StoredReport, now: StoredReport) =>
    compareReports(then, now).find(({ what }) => what === "flagged by the seed's rule: benign");
  expect(of(flagging(40), flagging(42))?.agrees).toBe(true);
  expect(of(flagging(40), flagging(70))?.agrees).toBe(false);
  expect(of(report(250, 5), flagging(40))).toBeUndefined();
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
