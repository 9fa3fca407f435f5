import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { HEADER_FILE, nextShard, type RecordedResponse, readRecording } from "./recording.ts";
import { ShardWriter } from "./shard-writer.ts";

const folder = mkdtempSync(join(tmpdir(), "modx-shards-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("keeps residuals that are too large for half precision", () => {
  const values = Float32Array.of(70_000, -1);
  const response: RecordedResponse = {
    id: "r",
    prompt: { id: "p", text: "x", label: null, source: "" },
    arm: { kind: "natural", opening: "" },
    promptTokens: [1],
    user: { start: 0, end: 1 },
    tokens: [2],
    forced: 0,
    text: "",
    label: "answered",
    finish: "stop",
    kept: 1,
    userMean: values,
    lastUser: values,
    lastPrompt: values,
    response: values,
  };
  writeFileSync(join(folder, HEADER_FILE), JSON.stringify({ schema: 1, taps: ["blocks.0.hook_resid_post"], width: 2 }));
  const writer = new ShardWriter(folder, 0, 2);
  writer.add(response);
  writer.flush();
  const [read] = [...readRecording(folder)];
  expect([...(read?.response ?? [])]).toEqual([70_000, -1]);
  expect([...(read?.userMean ?? [])]).toEqual([70_000, -1]);
});

it("numbers a new shard behind the last, also where one before it was deleted", () => {
  expect(nextShard([])).toBe(0);
  expect(nextShard(["shard-00000", "shard-00002"])).toBe(3);
});
