import { mkdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DEFAULT_MODEL } from "./default-model/default-model.ts";
import { listModels } from "./list-models.ts";
import { resolveModel } from "./resolve-model.ts";
import { HubServer } from "./testing/hub-server.ts";
import { cachesIn, temporaryFolder } from "./testing/temporary-folder.ts";

test("built-in models are listed before anything is fetched", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "modx", "models", DEFAULT_MODEL.file);
  const absent = { name: "smollm2-135m-instruct", path, bytes: DEFAULT_MODEL.bytes, present: false };
  expect(await listModels(cachesIn(folder))).toEqual([absent]);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, "");
  await truncate(path, DEFAULT_MODEL.bytes);
  expect(await listModels(cachesIn(folder))).toEqual([{ ...absent, present: true }]);
});

test("every listed name resolves to the listed path", async () => {
  const folder = await temporaryFolder();
  const hub = await HubServer.start();
  const env = cachesIn(folder, { HF_ENDPOINT: hub.url });
  const old = hub.commit("user/repo", 1, { "m-Q4_K_M.gguf": "old" });
  await resolveModel("user/repo", { env });
  hub.commit("user/repo", 2, {
    "m-Q4_K_M.gguf": "newer",
    "s-00001-of-00002.gguf": "one",
    "s-00002-of-00002.gguf": "two",
  });
  await resolveModel("user/repo", { env });
  const split = await resolveModel("hf:user/repo/s-00001-of-00002.gguf", { env });
  const byUrl = hub.storage.serve("/dir/by-url.gguf", Buffer.from("by url"));
  await resolveModel(byUrl, { env });

  const [, ...found] = await listModels(env);
  expect(found.map(({ name, bytes }) => [name, bytes])).toEqual([
    [expect.stringMatching(/^\/.*by-url\.gguf$/), 6],
    [`hf:user/repo/m-Q4_K_M.gguf#${old}`, 3],
    ["hf:user/repo/m-Q4_K_M.gguf", 5],
    ["hf:user/repo/s-00001-of-00002.gguf", 6],
  ]);
  for (const { name, path } of found) {
    expect(await resolveModel(name, { env, offline: true })).toMatchObject({ name, path });
  }
  await rm(split.path.replace("-00001-", "-00002-"));
  expect((await listModels(env)).map(({ name }) => name)).not.toContain("hf:user/repo/s-00001-of-00002.gguf");
});
