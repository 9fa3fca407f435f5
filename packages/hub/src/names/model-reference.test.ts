import { ModxError } from "@modx/errors";
import { describe, expect, test } from "vitest";
import { parseModelReference } from "./model-reference.ts";

function hub(repo: string, more: { file?: string; quant?: string; revision?: string } = {}): unknown {
  return { kind: "hub", repo, revision: "main", file: null, quant: null, ...more };
}

test.each([
  ["hf:user/repo", hub("user/repo")],
  ["hf://user/repo:q8_0", hub("user/repo", { quant: "q8_0" })],
  ["user/repo-GGUF:Q4_K_M", hub("user/repo-GGUF", { quant: "Q4_K_M" })],
  ["user/repo:latest", hub("user/repo")],
  ["hf:user/repo#v1.0", hub("user/repo", { revision: "v1.0" })],
  ["hf:user/repo/sub/file.gguf", hub("user/repo", { file: "sub/file.gguf" })],
  ["hf:user/repo/file.gguf#refs/pr/3", hub("user/repo", { file: "file.gguf", revision: "refs/pr/3" })],
  ["hf.co/user/repo:UD-Q4_K_XL", hub("user/repo", { quant: "UD-Q4_K_XL" })],
  ["huggingface.co/user/repo", hub("user/repo")],
  ["https://huggingface.co/user/repo/", hub("user/repo")],
  ["https://huggingface.co/user/repo/blob/main/a%20b.gguf", hub("user/repo", { file: "a b.gguf" })],
  ["https://hf.co/u/r/resolve/dev/x.gguf?download=true", hub("u/r", { file: "x.gguf", revision: "dev" })],
  [
    "https://mirror.example/u/r/resolve/main/x.gguf",
    { kind: "url", url: "https://mirror.example/u/r/resolve/main/x.gguf" },
  ],
  ["./model.gguf", { kind: "path", path: "./model.gguf" }],
  ["models/model.GGUF", { kind: "path", path: "models/model.GGUF" }],
  ["/srv/models/blobs/sha256-abc", { kind: "path", path: "/srv/models/blobs/sha256-abc" }],
  ["SmolLM2-135M-Instruct", { kind: "built-in", name: "smollm2-135m-instruct" }],
])("%s", (text, expected) => {
  expect(parseModelReference(text)).toEqual(expected);
});

describe("the flag decides", () => {
  test("-m takes everything for a path", () => {
    expect(parseModelReference("user/repo", "path")).toEqual({ kind: "path", path: "user/repo" });
  });
  test("-hf takes everything for a repository", () => {
    expect(parseModelReference("user/repo.gguf", "hub")).toEqual(hub("user/repo.gguf"));
  });
});

test.each([
  ["", "MODX_USAGE"],
  ["hf:repo", "MODX_USAGE"],
  ["hf:../../etc", "MODX_USAGE"],
  ["hf:a--b/c", "MODX_USAGE"],
  ["hf:user/repo:Q4 K", "MODX_USAGE"],
  ["hf:user/repo/../x.gguf", "MODX_USAGE"],
  ["hf:user/repo/x.gguf#../../main", "MODX_USAGE"],
  ["hf:user/repo/README.md", "MODX_USAGE"],
  ["https://example.org/model.bin", "MODX_USAGE"],
  ["https://", "MODX_USAGE"],
  ["llama", "MODX_HUB_UNKNOWN_NAME"],
])("%j is refused", (text, code) => {
  let found: unknown;
  try {
    parseModelReference(text);
  } catch (error) {
    found = error;
  }
  expect(ModxError.isInstance(found) && found.code).toBe(code);
  if (code === "MODX_HUB_UNKNOWN_NAME") expect(String(found)).toMatch(/smollm2-135m-instruct/);
});
