import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { modelSha256 } from "../hash/file-hash.ts";
import { failure } from "../testing/failure.ts";
import { FILES, hubCase } from "../testing/hub-case.ts";
import { sha256 } from "../testing/sha256.ts";

test("the cache has the layout of huggingface_hub", async () => {
  const { hub, folder, fetch } = await hubCase();
  const commit = hub.commit("user/repo", 1, { ...FILES, "sub/m-Q2_K.gguf": "two" });
  const model = await fetch("user/repo");
  const path = join(folder, "snapshots", commit, "m-Q4_K_M.gguf");
  expect(model).toEqual({ path, sha256: sha256("four"), name: "hf:user/repo/m-Q4_K_M.gguf" });
  expect(await readlink(path)).toBe(`../../blobs/${sha256("four")}`);
  expect(await readFile(path, "utf8")).toBe("four");
  expect(await readFile(join(folder, "refs", "main"), "utf8")).toBe(commit);
  expect((await readdir(folder)).sort()).toEqual(["blobs", "refs", "snapshots"]);
  expect(await readdir(join(folder, "blobs"))).toEqual([sha256("four")]);

  const nested = await fetch("user/repo:q2_k");
  expect(await readlink(nested.path)).toBe(`../../../blobs/${sha256("two")}`);
});

test("what is cached is not fetched again, and a new commit only where it differs", async () => {
  const { hub, fetch } = await hubCase();
  hub.commit("user/repo", 1, FILES);
  await fetch("user/repo");
  await fetch("user/repo");
  expect(hub.storage.requests).toHaveLength(1);
  const commit = hub.commit("user/repo", 2, { ...FILES, "README.md": "new" });
  const model = await fetch("user/repo");
  expect(model.path).toContain(commit);
  expect(hub.storage.requests).toHaveLength(1);
  hub.commit("user/repo", 3, { ...FILES, "m-Q4_K_M.gguf": "FOUR" });
  expect((await fetch("user/repo")).sha256).toBe(sha256("FOUR"));
  expect(hub.storage.requests).toHaveLength(2);
});

test("a split model comes whole, with one progress over all parts", async () => {
  const { hub, fetch } = await hubCase();
  hub.pageSize = 2;
  hub.commit("user/repo", 1, { ...FILES, "s-00001-of-00002.gguf": "part 1", "s-00002-of-00002.gguf": "part two" });
  const seen: (readonly [number, number | null])[] = [];
  const onProgress = (done: number, total: number | null) => seen.push([done, total] as const);
  const model = await fetch("hf:user/repo/s-00002-of-00002.gguf", { onProgress });
  expect(model.path).toMatch(/s-00001-of-00002\.gguf$/);
  expect(await readFile(model.path.replace("-00001-", "-00002-"), "utf8")).toBe("part two");
  expect(model.sha256).toBe(modelSha256([sha256("part 1"), sha256("part two")]));
  expect(seen.at(-1)).toEqual([14, 14]);
});

test("a download that was cut goes on, in the cache's own folder", async () => {
  const { hub, folder, fetch } = await hubCase();
  const text = "x".repeat(100_000);
  hub.commit("user/repo", 1, { "m.gguf": text });
  hub.storage.faults.push({ cutAfter: 40_000 });
  expect((await failure(fetch("user/repo", { retries: 0 }))).code).toBe("MODX_HUB_NETWORK");
  expect((await lstat(join(folder, "blobs", `${sha256(text)}.incomplete`))).size).toBe(40_000);
  await fetch("user/repo");
  expect(hub.storage.requests[1]?.range).toBe("bytes=40000-");
  expect(await readdir(join(folder, "blobs"))).toEqual([sha256(text)]);
});

test("a file that is not what the hub promised is deleted", async () => {
  const { hub, folder, fetch } = await hubCase();
  const commit = hub.commit("user/repo", 1, FILES);
  hub.storage.serve(`/user/repo/${commit}/m-Q4_K_M.gguf`, Buffer.from("rour"));
  expect((await failure(fetch("user/repo"))).code).toBe("MODX_HUB_WRONG_FILE");
  expect(await readdir(join(folder, "blobs"))).toEqual([]);
  expect(await readdir(folder)).toEqual(["blobs"]);
});

test("the token goes to the hub and not to its storage", async () => {
  const { hub, options, fetch } = await hubCase();
  hub.token = "hf_secret";
  hub.commit("user/repo", 1, FILES);
  const error = await failure(fetch("user/repo"));
  expect([error.code, error.message]).toEqual(["MODX_HUB_NOT_FOUND", expect.stringMatching(/set HF_TOKEN/)]);
  expect((await failure(fetch("user/repo", { token: "hf_other" }))).message).toMatch(/HF_TOKEN is not allowed/);
  await fetch("user/repo", { env: { ...options.env, HF_TOKEN: "hf_secret" } });
  expect(hub.storage.requests[0]?.authorization).toBeUndefined();
});

test.each([
  ["user/none", /user\/none.*does not exist/],
  ["user/repo#v9", /does not exist/],
  ["user/repo:Q5_K_M", /no Q5_K_M \.gguf file.*m-Q4_K_M\.gguf, m-Q8_0\.gguf/],
  ["hf:user/repo/x.gguf", /no x\.gguf/],
])("%s is not found", async (name, message) => {
  const { hub, fetch } = await hubCase();
  hub.commit("user/repo", 1, FILES);
  const error = await failure(fetch(name));
  expect([error.code, error.message]).toEqual(["MODX_HUB_NOT_FOUND", expect.stringMatching(message)]);
});

test("a server that is no hub says so", async () => {
  const { hub, options, fetch } = await hubCase();
  hub.storage.serve("/api/models/user/repo/revision/main", Buffer.from("<html>Please log in</html>"));
  const error = await failure(fetch("user/repo", { env: { ...options.env, HF_ENDPOINT: hub.storage.url } }));
  expect([error.code, error.message]).toEqual([
    "MODX_HUB_NETWORK",
    expect.stringMatching(/not that of a Hugging Face hub/),
  ]);
});
