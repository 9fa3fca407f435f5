import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { modelSha256 } from "./hash/file-hash.ts";
import { resolveModel } from "./resolve-model.ts";
import { failure } from "./testing/failure.ts";
import { FileServer } from "./testing/file-server.ts";
import { sha256 } from "./testing/sha256.ts";
import { cachesIn, temporaryFolder } from "./testing/temporary-folder.ts";

test("a path is the file there, whatever its name looks like", async () => {
  const folder = await temporaryFolder();
  const env = cachesIn(folder);
  const path = join(folder, "model");
  await writeFile(path, "weights");
  expect(await resolveModel(path, { env })).toEqual({ path, sha256: sha256("weights"), name: path });
  expect(await resolveModel(path, { env, as: "path" })).toMatchObject({ path });
  const missing = join(folder, "none.gguf");
  for (const options of [{}, { as: "path" }] as const) {
    const error = await failure(resolveModel(missing, { env, ...options }));
    expect([error.code, error.what]).toEqual(["MODX_USAGE_FILE_MISSING", expect.stringContaining(missing)]);
  }
});

test("any part of a split file stands for all of it", async () => {
  const folder = await temporaryFolder();
  const [first, second] = [join(folder, "m-00001-of-00002.gguf"), join(folder, "m-00002-of-00002.gguf")];
  await writeFile(second, "two");
  const error = await failure(resolveModel(second, { env: cachesIn(folder) }));
  expect([error.code, error.what]).toEqual(["MODX_USAGE_FILE_MISSING", expect.stringContaining(first)]);
  await writeFile(first, "one");
  expect(await resolveModel(second, { env: cachesIn(folder) })).toEqual({
    path: first,
    sha256: modelSha256([sha256("one"), sha256("two")]),
    name: first,
  });
});

test("an address is fetched once, and without the hub's token", async () => {
  const folder = await temporaryFolder();
  const env = cachesIn(folder, { HF_TOKEN: "hf_secret" });
  const server = await FileServer.start();
  const first = server.serve("/u/r/resolve/main/m-00001-of-00002.gguf", Buffer.from("one"));
  server.serve("/u/r/resolve/main/m-00002-of-00002.gguf", Buffer.from("two"));
  expect((await failure(resolveModel(first, { env, offline: true }))).code).toBe("MODX_HUB_OFFLINE");
  const model = await resolveModel(first, { env });
  expect(model.sha256).toBe(modelSha256([sha256("one"), sha256("two")]));
  expect(await resolveModel(first, { env, offline: true })).toEqual(model);
  expect(server.requests.map((headers) => headers.authorization)).toEqual([undefined, undefined]);
});

test("a name that is nothing", async () => {
  const error = await failure(resolveModel("llama", { env: cachesIn(await temporaryFolder()) }));
  expect([error.code, error.remedy]).toEqual([
    "MODX_HUB_UNKNOWN_NAME",
    expect.stringContaining("Known names: smollm2-135m-instruct"),
  ]);
});
