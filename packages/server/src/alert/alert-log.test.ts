import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Alert } from "./alert.ts";
import { AlertLog, type AlertRecord } from "./alert-log.ts";
import { alertLogPath } from "./alert-log-path.ts";
import { uuidV7 } from "./uuid-v7.ts";

const ALERT: Alert = {
  id: "0198c0de-0000-7000-8000-000000000000",
  request: "chatcmpl-1",
  time: "2026-11-22T12:00:00.000Z",
  model: "aa",
  adapters: ["bb"],
  pack: "cc",
  detector: "joined",
  token: 3,
  score: 1.5,
  threshold: 1,
  policy: "halt",
  released: 3,
};

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "modx-alerts-"));
  path = join(folder, "modx", "alerts.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (file = path): AlertRecord[] =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as AlertRecord);

describe("AlertLog", () => {
  it("writes one line for each alert, for nobody else to read", () => {
    const log = new AlertLog(path);
    log.check();
    log.write(ALERT);
    log.write(ALERT);
    expect(read()).toEqual([
      { schema: 1, sequence: 1, ...ALERT },
      { schema: 1, sequence: 2, ...ALERT },
    ]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("counts on where an earlier process stopped, behind a line that it did not finish", () => {
    new AlertLog(path).write(ALERT);
    appendFileSync(path, '{"schema":1,"sequ');
    new AlertLog(path).write(ALERT);
    const lines = readFileSync(path, "utf8").split("\n");
    expect(lines).toHaveLength(4);
    expect(JSON.parse(lines[2] ?? "")).toMatchObject({ sequence: 2 });
  });

  it("goes on in a new file when the old one was moved away", () => {
    const log = new AlertLog(path);
    log.write(ALERT);
    renameSync(path, `${path}.1`);
    log.write(ALERT);
    expect(read().map(({ sequence }) => sequence)).toEqual([2]);
  });

  it("says when it cannot write, and writes again when it can", () => {
    writeFileSync(join(folder, "modx"), "a file where the folder should be");
    const log = new AlertLog(path);
    expect(() => log.check()).toThrow(expect.objectContaining({ code: "MODX_SERVER_ALERT_LOG" }));
    expect(() => log.write(ALERT)).toThrow(expect.objectContaining({ code: "MODX_SERVER_ALERT_LOG" }));
    rmSync(join(folder, "modx"));
    log.write(ALERT);
    expect(read()).toHaveLength(1);
  });
});

describe("alertLogPath", () => {
  it("follows the XDG folders", () => {
    expect(alertLogPath({ XDG_DATA_HOME: "/data" })).toBe("/data/modx/alerts.jsonl");
    expect(alertLogPath({ HOME: "/home/me" })).toBe("/home/me/.local/share/modx/alerts.jsonl");
  });
});

describe("uuidV7", () => {
  it("is of version 7 and sorts by time", () => {
    const [first, second] = [uuidV7(1_700_000_000_000), uuidV7(1_700_000_000_001)];
    expect(first).toMatch(/^018bcfe5-6800-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(second > first).toBe(true);
    expect(uuidV7()).not.toBe(uuidV7());
  });
});
