import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ModxError } from "@modx/errors";
import { afterAll, describe, expect, it } from "vitest";
import { readSplits, type Splits } from "./splits.ts";

const folder = mkdtempSync(join(tmpdir(), "modx-splits-"));
afterAll(() => rmSync(folder, { recursive: true }));

function lines(name: string, prompts: { text: string; label?: string; source?: string }[]): void {
  writeFileSync(join(folder, name), prompts.map((prompt) => JSON.stringify({ label: "benign", ...prompt })).join("\n"));
}

function read(content: unknown): Splits {
  const path = join(folder, "splits.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return readSplits(path);
}

const refusal = (content: unknown): string => {
  try {
    read(content);
  } catch (error) {
    if (error instanceof ModxError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "none";
};

lines("mixed.jsonl", [
  { text: "How do I bake bread without an oven?", source: "a" },
  { text: "Where do swallows spend the winter?", source: "a" },
  { text: "how do i bake bread, without an oven", source: "b" },
  { text: "Who painted the ceiling of the chapel?", source: "b", label: "sensitive" },
  { text: "Nobody gave this one a role.", source: "c" },
]);
lines("own.jsonl", [
  { text: "Without an oven, how do I bake bread?" },
  { text: "Name three rivers.", label: "harmful" },
]);

const SPLITS = {
  schema: 1,
  files: ["mixed.jsonl", { path: "own.jsonl", source: "mine" }],
  roles: { probe: ["a"], calibration: ["b"], test: ["mine"] },
};

describe("splits", () => {
  it("give whole sources one role, and what is nearly the same to the strictest alone", () => {
    const { roles, dropped, missing } = read(SPLITS);
    const texts = (role: keyof typeof roles): string[] =>
      Object.values(roles[role])
        .flat()
        .map(({ text }) => text);
    expect(texts("test")).toEqual(["Name three rivers.", "Without an oven, how do I bake bread?"]);
    expect(texts("calibration")).toEqual(["Who painted the ceiling of the chapel?"]);
    expect(texts("probe")).toEqual(["Where do swallows spend the winter?"]);
    expect(texts("organism")).toEqual([]);
    expect(dropped.map(({ role, prompt, of }) => [role, prompt.source, of.source])).toEqual([
      ["calibration", "b", "mine"],
      ["probe", "a", "mine"],
    ]);
    expect(missing).toEqual([]);
  });

  it("say which files are not here, and go on without them", () => {
    const { roles, missing } = read({ ...SPLITS, files: ["mixed.jsonl", "nowhere.jsonl"] });
    expect(missing).toEqual([join(folder, "nowhere.jsonl")]);
    expect(roles.test.benign).toEqual([]);
  });

  it.each([
    ["no JSON", "{", /^MODX_USAGE_SPLITS: .*JSON/],
    [
      "a source in two roles",
      { ...SPLITS, roles: { ...SPLITS.roles, probe: ["a", "b"] } },
      /source b stands in it twice/,
    ],
    [
      "a source that no prompt has",
      { ...SPLITS, roles: { ...SPLITS.roles, probe: ["z"] } },
      /no prompt is of the source z/,
    ],
    ["another role", { ...SPLITS, roles: { ...SPLITS.roles, tests: [] } }, /MODX_USAGE_SPLITS/],
    ["another schema", { ...SPLITS, schema: 2 }, /schema/],
  ])("refuse %s", (_, content, message) => {
    expect(refusal(content)).toMatch(message);
  });
});
