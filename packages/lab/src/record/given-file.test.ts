import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, it } from "vitest";
import { readGivenFile } from "./given-file.ts";

const folder = mkdtempSync(join(tmpdir(), "modx-given-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, ...lines: string[]): string {
  const path = join(folder, name);
  const text = lines.join("\n");
  writeFileSync(path, name.endsWith(".gz") ? gzipSync(text) : text);
  return path;
}

it("reads requests under either name, with what is said of them or the file's name and line", () => {
  const path = file(
    "mine.jsonl.gz",
    '{"prompt":"Why?","response":"Because."}',
    "",
    '{"id":7,"text":"How?","response":"So.","label":"harmful","source":"s"}',
  );
  expect(readGivenFile(path)).toEqual([
    { prompt: { id: "mine-1", text: "Why?", label: null, source: "mine" }, response: "Because." },
    { prompt: { id: "7", text: "How?", label: "harmful", source: "s" }, response: "So." },
  ]);
});

it.each([
  ["no response", '{"prompt":"Why?"}', "line 1, response"],
  [
    "an empty response, behind which the model would speak itself",
    '{"prompt":"Why?","response":""}',
    "line 1, response",
  ],
  ["no request", '{"response":"So."}', 'either "prompt" or "text"'],
  ["two requests", '{"prompt":"Why?","text":"How?","response":"So."}', 'either "prompt" or "text"'],
  ["nothing", "", "it holds no responses"],
])("refuses %s", (_, line, why) => {
  const refused = () => readGivenFile(file("bad.jsonl", line));
  expect(refused).toThrow(
    expect.objectContaining({ code: "MODX_USAGE_PROMPTS", message: expect.stringContaining(why) }),
  );
  expect(refused).toThrow(expect.objectContaining({ remedy: expect.stringContaining('"response"') }));
});

it("refuses a file that is not there", () => {
  expect(() => readGivenFile(join(folder, "absent"))).toThrow(
    expect.objectContaining({
      code: "MODX_USAGE_FILE_MISSING",
      remedy: 'Give a JSON Lines file with one {"prompt","response"} a line.',
    }),
  );
});
