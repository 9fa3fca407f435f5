import { existsSync } from "node:fs";
import { mkdir, readdir, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { CONTENT, digestOf, downloadCase, isOnly } from "../testing/download-case.ts";
import { failure } from "../testing/failure.ts";
import { httpServer } from "../testing/http-server.ts";
import { download } from "./download.ts";

describe("a whole download", () => {
  test("arrives and leaves nothing beside it", async () => {
    const { url, target, options } = await downloadCase();
    const seen: [number, number | null][] = [];
    await download(url, target, { ...options, onProgress: (done, total) => seen.push([done, total]) });
    expect(await isOnly(target)).toBe(true);
    expect(seen[0]).toEqual([0, CONTENT.length]);
    expect(seen.at(-1)).toEqual([CONTENT.length, CONTENT.length]);
  });

  test("is not repeated while the file is right, and is when it is damaged", async () => {
    const { server, url, target, options } = await downloadCase();
    await download(url, target, options);
    await download(url, target, options);
    expect(server.requests).toHaveLength(1);
    await truncate(target, 1000);
    await download(url, target, options);
    expect(await isOnly(target)).toBe(true);
  });

  test("of the same file at once asks the server once", async () => {
    const { server, url, target, options } = await downloadCase();
    await Promise.all([1, 2, 3].map(() => download(url, target, options)));
    expect(server.requests).toHaveLength(1);
    expect(await isOnly(target)).toBe(true);
  });

  test("from a file address is a copy, verified as well", async () => {
    const { target, options } = await downloadCase();
    const source = join(target, "..", "..", "source");
    await writeFile(source, CONTENT);
    await mkdir(join(target, ".."));
    await download(pathToFileURL(source).href, target, options);
    expect(await isOnly(target)).toBe(true);
    const wrong = { ...options, digest: digestOf(Buffer.from("other")) };
    expect((await failure(download(pathToFileURL(source).href, `${target}2`, wrong))).code).toBe("MODX_HUB_WRONG_FILE");
  });
});

describe("a wrong file", () => {
  test("is deleted and never returned", async () => {
    const { server, url, target, options } = await downloadCase();
    server.serve("/model.gguf", Buffer.alloc(CONTENT.length));
    const error = await failure(download(url, target, options));
    expect(error.code).toBe("MODX_HUB_WRONG_FILE");
    expect(await readdir(join(target, ".."))).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });

  test("of another size is noticed before it is fetched", async () => {
    const { url, target, options } = await downloadCase();
    const error = await failure(download(url, target, { ...options, bytes: 5 }));
    expect(error.code).toBe("MODX_HUB_WRONG_FILE");
    expect(existsSync(`${target}.incomplete`)).toBe(false);
  });
});

describe("a server's refusal", () => {
  test.each([
    [404, "plain", /does not exist/],
    [401, "hub-anonymous", /set HF_TOKEN/],
    [403, "hub-token", /HF_TOKEN is not allowed/],
    [401, "plain", /no credentials/],
  ] as const)("%i for %s", async (status, access, message) => {
    const { server, url, target, options } = await downloadCase();
    server.faults.push({ status });
    const error = await failure(download(url, target, { ...options, access }));
    expect(error.code).toBe("MODX_HUB_NOT_FOUND");
    expect(error.message).toMatch(message);
    expect(server.requests).toHaveLength(1);
  });
});

test("a folder that cannot be made is a disk error", async () => {
  const { url, target, options } = await downloadCase();
  await writeFile(join(target, "..", "..", "deep"), "a file where the folder should be");
  expect((await failure(download(url, target, options))).code).toBe("MODX_HUB_DISK");
});

test("a file that does not fit on the disk is not begun", async () => {
  const { target, options } = await downloadCase();
  const url = await httpServer((_, response) => response.writeHead(200, { "content-length": String(1e15) }).write("x"));
  const error = await failure(download(url, target, { ...options, retries: 0 }));
  expect([error.code, error.what]).toEqual(["MODX_HUB_DISK", expect.stringMatching(/are free/)]);
});
