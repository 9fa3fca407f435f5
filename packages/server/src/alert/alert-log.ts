import { appendFileSync, closeSync, existsSync, fstatSync, fsyncSync, mkdirSync, openSync, readSync } from "node:fs";
import { dirname } from "node:path";
import { ModxError } from "@modx/errors";
import type { Alert } from "./alert.ts";

/** Version of a stored alert. */
export const ALERT_SCHEMA = 1;

/** A line of the log. `sequence` counts up over the file's whole life, so that a missing line shows. */
export interface AlertRecord extends Alert {
  schema: typeof ALERT_SCHEMA;
  sequence: number;
}

/** The end of the file in which its last line is looked for; a line has some 500 bytes. */
const TAIL_BYTES = 64 * 1024;

/** Alerts as JSON Lines in a file of one process. Opened for each alert, so that it may be moved away in between. */
export class AlertLog {
  private readonly path: string;
  /** Null when the file must be looked at first: at the start, and after a failure, which may have left half a line. */
  private next: { sequence: number; separator: "" | "\n" } | null = null;

  constructor(path: string) {
    this.path = path;
  }

  /** Returns when the alert is on disk. Throws MODX_SERVER_ALERT_LOG. */
  write(alert: Alert): void {
    this.attempt(() => {
      const isNew = !existsSync(this.path);
      const { sequence, separator } = this.prepare();
      this.next = null;
      const { id, request, time, ...rest } = alert;
      const record: AlertRecord = { schema: ALERT_SCHEMA, id, request, time, sequence, ...rest };
      appendFileSync(this.path, `${separator}${JSON.stringify(record)}\n`, { mode: 0o600, flush: true });
      if (isNew) syncFolder(dirname(this.path));
      this.next = { sequence: sequence + 1, separator: "" };
    });
  }

  /** Throws MODX_SERVER_ALERT_LOG when alerts could not be written. */
  check(): void {
    this.attempt(() => {
      this.next = this.prepare();
      appendFileSync(this.path, "", { mode: 0o600 });
    });
  }

  private prepare(): { sequence: number; separator: "" | "\n" } {
    makeFolder(dirname(this.path));
    return this.next ?? continuationOf(this.path);
  }

  private attempt(work: () => void): void {
    try {
      work();
    } catch (cause) {
      throw new ModxError("MODX_SERVER_ALERT_LOG", {
        what: `Alerts cannot be written to ${this.path} (${cause instanceof Error ? cause.message : cause}).`,
        remedy: "Make room or give access to it; alarms still act meanwhile.",
        cause,
      });
    }
  }
}

/** What the next line needs: the number after the last one, and a line break behind half a line. */
function continuationOf(path: string): { sequence: number; separator: "" | "\n" } {
  if (!existsSync(path)) return { sequence: 1, separator: "" };
  const text = readTail(path);
  const last = text
    .split("\n")
    .map(sequenceOf)
    .findLast((sequence) => sequence !== null);
  return { sequence: (last ?? 0) + 1, separator: text === "" || text.endsWith("\n") ? "" : "\n" };
}

function readTail(path: string): string {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(file, tail, 0, tail.length, size - tail.length);
    return tail.toString("utf8");
  } finally {
    closeSync(file);
  }
}

function sequenceOf(line: string): number | null {
  try {
    const record: unknown = JSON.parse(line);
    const sequence = typeof record === "object" && record !== null && "sequence" in record ? record.sequence : null;
    return typeof sequence === "number" && Number.isSafeInteger(sequence) ? sequence : null;
  } catch {
    return null;
  }
}

/** One folder after the other: Node 20's `recursive` never returns where the system makes no folders, as in /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

/** A new file is found after a crash only when its folder is on disk too. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
