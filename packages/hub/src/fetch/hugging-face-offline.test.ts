import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { failure } from "../testing/failure.ts";
import { FILES, hubCase } from "../testing/hub-case.ts";
import { sha256 } from "../testing/sha256.ts";

test("offline only the cache is asked", async () => {
  const { hub, options, fetch } = await hubCase();
  hub.commit("user/repo", 1, FILES);
  const online = await fetch("user/repo:Q8_0");
  const asked = hub.requests.length;
  expect(await fetch("user/repo:q8_0", { offline: true })).toEqual(online);
  const offline = { env: { ...options.env, HF_HUB_OFFLINE: "1" } };
  expect((await failure(fetch("user/repo:Q4_K_M", offline))).code).toBe("MODX_HUB_OFFLINE");
  expect((await failure(fetch("user/other", offline))).code).toBe("MODX_HUB_OFFLINE");
  expect(hub.requests).toHaveLength(asked);
});

test("the cache also answers while the hub cannot be reached", async () => {
  const { hub, options, fetch } = await hubCase();
  hub.commit("user/repo", 1, FILES);
  const online = await fetch("user/repo");
  const env = { ...options.env, HF_ENDPOINT: "http://127.0.0.1:65534" };
  expect(await fetch("user/repo", { env })).toEqual(online);
  expect((await failure(fetch("user/other", { env, retries: 0 }))).code).toBe("MODX_HUB_NETWORK");
});

test("a commit that is cached needs no hub", async () => {
  const { hub, fetch } = await hubCase();
  const commit = hub.commit("user/repo", 1, FILES);
  const first = await fetch(`user/repo#${commit}`);
  const asked = hub.requests.length;
  expect(await fetch(`user/repo#${commit}`)).toEqual(first);
  expect(hub.requests).toHaveLength(asked);
});

test("a damaged file is never returned, and is repaired online", async () => {
  const { hub, folder, fetch } = await hubCase();
  const commit = hub.commit("user/repo", 1, FILES);
  await fetch("user/repo");
  const blob = join(folder, "blobs", sha256("four"));
  await writeFile(blob, "FOUR");
  expect((await failure(fetch("user/repo", { offline: true }))).code).toBe("MODX_HUB_WRONG_FILE");
  expect(await readFile((await fetch(`user/repo#${commit}`)).path, "utf8")).toBe("four");
  await rm(blob);
  expect((await failure(fetch("user/repo", { offline: true }))).code).toBe("MODX_HUB_OFFLINE");
});
