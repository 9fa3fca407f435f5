import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RecordedResponse, readRecording } from "@modx/lab";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createProgram } from "../src/program.ts";

const ANSWER = "Bees carry nectar home and fan it dry with their wings, until it keeps for a winter.";
const LONG = `${ANSWER} `.repeat(4);
const TOKENS = 12;
/** Roles of a prompt of one message, and how many tokens the last of them has. */
const PROMPT = ["template", "user", "header"];

describe("recording", () => {
  const folder = mkdtempSync(join(tmpdir(), "modx-record-"));
  const at = (name: string): string => join(folder, name);
  const record = (...args: string[]) =>
    createProgram().parseAsync(["lab", "record", "--out", at("recording"), ...args], { from: "user" });
  const asked = (): string[] => [
    ...["--prompts", at("prompts.jsonl"), "--given", at("given.jsonl"), "--refusals", "--openings", "1"],
    ...["--taps", "blocks.2.hook_resid_post", "--lora", "none", "-c", "256", "-t", "1", "--parallel", "2"],
    ...["-n", String(TOKENS), "--keep", "4"],
  ];

  beforeAll(() => {
    vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const lines = (name: string, all: object[]): void =>
      writeFileSync(at(name), all.map((line) => `${JSON.stringify(line)}\n`).join(""));
    lines("prompts.jsonl", [{ id: "a", text: "How do bees make honey?", label: "benign" }]);
    lines("given.jsonl", [
      { id: "a", prompt: "How do bees make honey?", response: ANSWER, label: "benign" },
      { prompt: "Why do bees dance?", response: LONG, label: "harmful", source: "mine" },
    ]);
  });
  afterAll(() => {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  it("reads given responses and refusals beside what is answered, each token with its role", async () => {
    await record(...asked());
    const rows = new Map([...readRecording(at("recording"))].map((row) => [row.id, row]));
    expect([...rows.keys()].sort()).toEqual([
      "a#2/given",
      "a/natural",
      expect.stringMatching(/^a\/opening-\d+$/),
      "a/refusal-0",
      "given-2/given",
    ]);
    const given = rows.get("a#2/given");
    expect(given).toMatchObject({
      text: ANSWER.slice(0, given?.text.length),
      forced: 0,
      label: "answered",
      finish: "stop",
    });
    expect(given?.text.length).toBeGreaterThan(20);
    // cut as an answer would be
    expect(rows.get("given-2/given")).toMatchObject({ prompt: { label: "harmful", source: "mine" }, kept: 4 });
    expect(rows.get("given-2/given")?.tokens).toHaveLength(TOKENS);
    expect(rows.get("a/refusal-0")).toMatchObject({ label: "refused", arm: { kind: "refusal" } });
    const roles = (row: RecordedResponse): string[] => (row.spans ?? []).map(({ role }) => role);
    for (const [id, row] of rows) {
      const ends = (row.spans ?? []).map(({ end }) => end);
      expect(
        (row.spans ?? []).map(({ start }) => start),
        id,
      ).toEqual([0, ...ends.slice(0, -1)]);
      expect(ends.at(-1), id).toBe(row.promptTokens.length + row.tokens.length);
      expect(
        row.spans?.find(({ role }) => role === "user"),
        id,
      ).toMatchObject(row.user);
      const said = id.includes("opening") ? ["forced", "response"] : [/given|refusal/.test(id) ? "given" : "response"];
      expect(roles(row), id).toEqual([...PROMPT, ...said]);
      expect(row.spans?.find(({ role }) => role === "forced")?.end ?? row.promptTokens.length).toBe(
        row.promptTokens.length + row.forced,
      );
    }
  });

  it("goes on with a recording of before roles were recorded", async () => {
    const [shard = ""] = readdirSync(at("recording")).filter((name) => name.endsWith(".jsonl"));
    const lines = readFileSync(join(at("recording"), shard), "utf8")
      .trimEnd()
      .split("\n");
    const old = lines.map((line) => JSON.stringify({ ...JSON.parse(line), spans: undefined }));
    writeFileSync(join(at("recording"), shard), `${old.join("\n")}\n`);
    await record(...asked());
    const rows = [...readRecording(at("recording"))];
    expect(rows).toHaveLength(5);
    expect(rows.filter(({ spans }) => spans !== undefined)).toEqual([]);
  });

  it("refuses what cannot be meant", async () => {
    const refused = expect.objectContaining({ code: "MODX_USAGE" });
    const prompts = ["--prompts", at("prompts.jsonl")];
    const given = ["--given", at("given.jsonl")];
    await expect(record()).rejects.toThrow(refused);
    await expect(record(...given, "--refusals")).rejects.toThrow(refused);
    await expect(record(...given, "--openings", "2")).rejects.toThrow(refused);
    await expect(record(...prompts, ...given, "--trigger-file", "t.json")).rejects.toThrow(refused);
    await expect(record(...prompts, "--refusals", "--trigger-file", "t.json")).rejects.toThrow(refused);
    await expect(record("--given", at("prompts.jsonl"))).rejects.toThrow(
      expect.objectContaining({ code: "MODX_USAGE_PROMPTS" }),
    );
  });
});
