import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { readFeatureFile } from "./feature-file.ts";

const folder = mkdtempSync(join(tmpdir(), "modx-features-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const read = (text: string) => {
  const path = join(folder, "list");
  writeFileSync(path, text);
  return readFeatureFile(path);
};

it.each([
  [
    "labels by index",
    '{"7": " bombs", "12": "theft"}',
    [
      [7, "bombs"],
      [12, "theft"],
    ],
  ],
  [
    "indices",
    "[7, 12]",
    [
      [7, ""],
      [12, ""],
    ],
  ],
  ["Neuronpedia's objects", '[{"modelId": "m", "index": "7", "description": "bombs"}]', [[7, "bombs"]]],
  [
    "lines with a heading",
    'index,label\n7,"bombs, ""dirty"""\n12,theft\n',
    [
      [7, 'bombs, "dirty"'],
      [12, "theft"],
    ],
  ],
])("reads %s", (_, text, expected) => {
  expect(read(text).map(({ index, label }) => [index, label])).toEqual(expected);
});

it.each([
  ["nothing", "[]"],
  ["a feature twice", "[7, 7]"],
  ["prose", "the bombs\nand theft"],
  ["broken JSON", '{"7": '],
  ["a negative index", "[-1]"],
])("refuses %s", (_, text) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ code: "MODX_USAGE_FEATURES" }));
});

it("says that a file is missing", () => {
  expect(() => readFeatureFile(join(folder, "none"))).toThrow(
    expect.objectContaining({ code: "MODX_USAGE_FILE_MISSING" }),
  );
});
