import { expect, test } from "vitest";
import { chooseGguf } from "./choose-gguf.ts";
import { allParts } from "./split-file.ts";

const FILES = [
  "README.md",
  "mmproj-m-Q4_K_M.gguf",
  "m-BF16.gguf",
  "m-F16.gguf",
  "m-IQ3_K_S.gguf",
  "m-Q4_K_M.gguf",
  "big/m-Q8_0-00002-of-00002.gguf",
  "big/m-Q8_0-00001-of-00002.gguf",
  "Q2_K/m-00001-of-00001.gguf",
];

test.each([
  [null, ["m-Q4_K_M.gguf"]],
  ["q4_k_m", ["m-Q4_K_M.gguf"]],
  ["F16", ["m-F16.gguf"]],
  ["Q3_K_S", null],
  ["q8_0", ["big/m-Q8_0-00001-of-00002.gguf", "big/m-Q8_0-00002-of-00002.gguf"]],
  ["Q2_K", ["Q2_K/m-00001-of-00001.gguf"]],
  ["Q5.K", null],
])("quant %s", (quant, expected) => {
  expect(chooseGguf(FILES, quant)).toEqual(expected);
});

test("without Q4_K_M the first file by name, however they are listed", () => {
  expect(chooseGguf(["m-Q8_0.gguf", "m-F16.gguf"], null)).toEqual(["m-F16.gguf"]);
  expect(chooseGguf(["config.json"], null)).toBeNull();
});

test("parts of a split file, whichever is named", () => {
  const parts = ["a-00001-of-00003.gguf", "a-00002-of-00003.gguf", "a-00003-of-00003.gguf"];
  expect(allParts("a-00002-of-00003.gguf")).toEqual(parts);
  for (const whole of ["a.gguf", "a-00004-of-00003.gguf", "a-00000-of-00003.gguf", "a-00001-of-99999.gguf"]) {
    expect(allParts(whole)).toEqual([whole]);
  }
});
