import { expect, test } from "vitest";
import { huggingFaceCache, modxCache } from "./folders.ts";

test("modx's own cache follows XDG", () => {
  expect(modxCache({ HOME: "/h" })).toBe("/h/.cache/modx");
  expect(modxCache({ HOME: "/h", XDG_CACHE_HOME: "/x" })).toBe("/x/modx");
  expect(modxCache({ HOME: "/h", XDG_CACHE_HOME: "" })).toBe("/h/.cache/modx");
});

test("the Hugging Face cache follows its variables in their order", () => {
  const order: [string, string, string][] = [
    ["HF_HUB_CACHE", "/a", "/a"],
    ["HUGGINGFACE_HUB_CACHE", "/b", "/b"],
    ["HF_HOME", "/c", "/c/hub"],
    ["XDG_CACHE_HOME", "/d", "/d/huggingface/hub"],
    ["HOME", "/h", "/h/.cache/huggingface/hub"],
  ];
  for (const [at, [, , expected]] of order.entries()) {
    const env = Object.fromEntries(order.slice(at).map(([name, value]) => [name, value]));
    expect(huggingFaceCache(env)).toBe(expected);
  }
  expect(huggingFaceCache({ HOME: "/h", HF_HOME: "~/hf" })).toBe("/h/hf/hub");
});
