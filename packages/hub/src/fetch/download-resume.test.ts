import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CONTENT, digestOf, downloadCase, isOnly } from "../testing/download-case.ts";
import { failure } from "../testing/failure.ts";
import { download } from "./download.ts";

describe("a cut connection", () => {
  test("is resumed within the call", async () => {
    const { server, url, target, options } = await downloadCase();
    server.faults.push({ cutAfter: 100_000 }, { cutAfter: 50_000 });
    await download(url, target, options);
    expect(await isOnly(target)).toBe(true);
    expect(server.requests.map((headers) => headers.range)).toEqual([undefined, "bytes=100000-", "bytes=150000-"]);
    expect(server.requests[1]?.["if-range"]).toBe(`"${digestOf(CONTENT).hex.slice(0, 8)}"`);
  });

  test("is resumed by the next call, as the error says", async () => {
    const { server, url, target, options } = await downloadCase();
    server.faults.push({ cutAfter: 100_000 });
    const error = await failure(download(url, target, { ...options, retries: 0 }));
    expect(error.code).toBe("MODX_HUB_NETWORK");
    expect(error.message).toMatch(/resumes/);
    expect(existsSync(target)).toBe(false);
    await download(url, target, options);
    expect(server.requests[1]?.range).toBe("bytes=100000-");
    expect(await isOnly(target)).toBe(true);
  });

  test("is given up after three retries", async () => {
    const { server, url, target, options } = await downloadCase();
    server.faults.push(...Array.from({ length: 9 }, () => ({ status: 503 })));
    const error = await failure(download(url, target, options));
    expect(error.code).toBe("MODX_HUB_NETWORK");
    expect(error.what).toMatch(/HTTP 503/);
    expect(server.requests).toHaveLength(4);
  });

  test("that is only silent is cut by modx", async () => {
    const { server, url, target, options } = await downloadCase();
    server.faults.push({ stallAfter: 100_000 });
    await download(url, target, { ...options, stallMs: 200 });
    expect(server.requests).toHaveLength(2);
    expect(await isOnly(target)).toBe(true);
  });

  test("to nowhere is a network error", async () => {
    const { target, options } = await downloadCase();
    const error = await failure(download("http://127.0.0.1:65534/model.gguf?token=secret", target, options));
    expect(error.code).toBe("MODX_HUB_NETWORK");
    expect(error.message).not.toMatch(/secret/);
  });
});

describe("a file that changed between two calls", () => {
  const CHANGED = randomBytes(280_000);
  const SAME_SIZE = randomBytes(CONTENT.length);
  const cases = [
    { name: "known by its ETag", more: {}, digest: undefined },
    { name: "known by its hash only", more: { etag: null }, digest: digestOf(CHANGED) },
    { name: "on a server without ranges", more: { noRanges: true }, digest: undefined },
    { name: "on a server that names nothing", more: { etag: null }, digest: undefined },
  ];
  test.each(cases)("is fetched anew: $name", async ({ more, digest }) => {
    const { server, target, options } = await downloadCase();
    const url = server.serve("/model.gguf", CONTENT, more);
    server.faults.push({ cutAfter: 100_000 });
    await failure(download(url, target, { ...options, retries: 0 }));
    server.serve("/model.gguf", CHANGED, more);
    await download(url, target, { ...options, digest });
    expect(await isOnly(target, CHANGED)).toBe(true);
  });

  test("and has its old size and no name: the hash tells, and the second round is whole", async () => {
    const { server, target, options } = await downloadCase();
    const url = server.serve("/model.gguf", CONTENT, { etag: null });
    server.faults.push({ cutAfter: 100_000 });
    await failure(download(url, target, { ...options, retries: 0 }));
    server.serve("/model.gguf", SAME_SIZE, { etag: null });
    await download(url, target, { ...options, digest: digestOf(SAME_SIZE) });
    expect(server.requests.map((headers) => headers.range)).toEqual([undefined, "bytes=100000-", undefined]);
    expect(await isOnly(target, SAME_SIZE)).toBe(true);
  });

  test("and a partial longer than the file now is", async () => {
    const { server, target, options, url } = await downloadCase();
    server.faults.push({ cutAfter: 290_000 });
    await failure(download(url, target, { ...options, retries: 0 }));
    server.serve("/model.gguf", CHANGED);
    await download(url, target, { ...options, digest: undefined });
    expect(await isOnly(target, CHANGED)).toBe(true);
  });
});

test("an abort ends the download with its reason and keeps what came", async () => {
  const { server, url, target, options } = await downloadCase();
  server.faults.push({ stallAfter: 100_000 });
  const stop = new AbortController();
  const reason = new Error("Ctrl-C");
  const onProgress = (done: number): void => {
    if (done === 100_000) stop.abort(reason);
  };
  await expect(download(url, target, { ...options, onProgress, signal: stop.signal })).rejects.toBe(reason);
  await download(url, target, options);
  expect(server.requests[1]?.range).toBe("bytes=100000-");
  expect(await isOnly(target)).toBe(true);
});
