import { readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FetchOptions } from "../fetch/fetch-options.ts";
import { HubServer } from "../testing/hub-server.ts";
import { cachesIn, temporaryFolder } from "../testing/temporary-folder.ts";
import { openHubFolder } from "./hub-folder.ts";

const WEIGHTS = Array.from({ length: 90_000 }, (_, i) => `line ${i}`).join("\n");
const FILES = { "layer_9/cfg.json": '{"a":1}', "layer_9/weights.bin": WEIGHTS, "layer_9/lfs.gguf": WEIGHTS };
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

async function start(): Promise<{ hub: HubServer; cache: string; options: FetchOptions; commit: string }> {
  const hub = await HubServer.start();
  const commit = hub.commit("some/saes", 7, FILES);
  const cache = await temporaryFolder();
  const env = cachesIn(cache, { HF_ENDPOINT: hub.url });
  return { hub, cache, commit, options: { env, backoffMs: 1, retries: 0 } };
}

/** What a command does: a configuration, a header, a row, and a long stretch of a file. */
async function command(options: FetchOptions, reference = "some/saes/layer_9"): Promise<string[]> {
  const folder = await openHubFolder(reference, options);
  const weights = folder.open("weights.bin");
  return [
    text(await folder.open("cfg.json").read(0, 7)),
    text(await weights.read(0, 8)),
    text(await weights.read(700_000, 100)),
    text(await weights.read(100_000, 400_000)),
  ];
}
const READ = ['{"a":1}', WEIGHTS.slice(0, 8), WEIGHTS.slice(700_000, 700_100), WEIGHTS.slice(100_000, 500_000)];

const filesIn = async (cache: string): Promise<string[]> =>
  (await readdir(cache, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));

describe("what was read of a folder on the hub", () => {
  it("is not fetched again: the second time only where main is now is asked for", async () => {
    const { hub, options } = await start();
    expect(await command(options)).toEqual(READ);
    const [asked, fetched] = [hub.requests.length, hub.storage.requests.length];
    expect(await command(options)).toEqual(READ);
    expect(hub.requests.slice(asked)).toEqual(["/api/models/some/saes/revision/main"]);
    expect(hub.storage.requests).toHaveLength(fetched);
  });

  it("needs no hub at all for a commit", async () => {
    const { hub, options, commit } = await start();
    await command(options, `some/saes/layer_9#${commit}`);
    const asked = hub.requests.length;
    expect(await command(options, `some/saes/layer_9#${commit}`)).toEqual(READ);
    expect(hub.requests).toHaveLength(asked);
  });

  it.each<[string, FetchOptions]>([
    ["--offline", { offline: true }],
    ["HF_HUB_OFFLINE", {}],
  ])("is there with %s, and nothing else is", async (name, more) => {
    const { hub, options } = await start();
    await command(options);
    const asked = hub.requests.length;
    const env = name === "HF_HUB_OFFLINE" ? { ...options.env, HF_HUB_OFFLINE: "1" } : options.env;
    const offline = { ...options, ...more, env };
    expect(await command(offline)).toEqual(READ);
    const weights = (await openHubFolder("some/saes", offline)).open("layer_9/weights.bin");
    await expect(weights.read(900_000, 10)).rejects.toMatchObject({ code: "MODX_HUB_OFFLINE" });
    await expect(openHubFolder("some/saes#other", offline)).rejects.toMatchObject({ code: "MODX_HUB_OFFLINE" });
    expect(hub.requests).toHaveLength(asked);
  });

  it("is there while the hub cannot be reached, under the same address alone", async () => {
    const { hub, options } = await start();
    await command(options);
    hub.down = true;
    expect(await command(options)).toEqual(READ);
    const env = { ...options.env, HF_ENDPOINT: "http://127.0.0.1:65534" };
    await expect(command({ ...options, env })).rejects.toMatchObject({ code: "MODX_HUB_NETWORK" });
  });

  it("is another entry at another commit, except for files that stayed the same", async () => {
    const { hub, options } = await start();
    await command(options);
    const changed = hub.commit("some/saes", 8, { ...FILES, "layer_9/cfg.json": '{"a":2}' });
    const fetched = hub.storage.requests.length;
    expect(await command(options)).toEqual(['{"a":2}', ...READ.slice(1)]);
    expect(hub.storage.requests).toHaveLength(fetched + 1);
    expect((await openHubFolder("some/saes", { ...options, offline: true })).commit).toBe(changed);
  });

  it("is fetched again where it was damaged, and only that", async () => {
    const { hub, cache, options } = await start();
    await command(options);
    const ends = [".json", "main"];
    for (const file of await filesIn(cache)) if (ends.some((end) => file.endsWith(end))) await writeFile(file, "{");
    expect(await command(options)).toEqual(READ);
    const [block = ""] = (await filesIn(cache)).filter((file) => /\/1-\w{64}$/.test(file));
    await truncate(block, 99);
    const fetched = hub.storage.requests.length;
    expect(await command(options)).toEqual(READ);
    expect(hub.storage.requests).toHaveLength(fetched + 1);
    expect(await command({ ...options, offline: true })).toEqual(READ);
  });

  it("stays where the connection breaks in the middle, and where the writer is killed", async () => {
    const { hub, cache, options } = await start();
    const weights = (await openHubFolder("some/saes/layer_9", options)).open("weights.bin");
    await weights.read(0, 300_000);
    hub.storage.faults.push({ cutAfter: 1000 });
    await expect(weights.read(0, WEIGHTS.length)).rejects.toMatchObject({ code: "MODX_HUB_NETWORK" });
    const [block = ""] = (await filesIn(cache)).filter((file) => /\/0-\w{64}$/.test(file));
    await writeFile(`${block}.4711-deadbeef.tmp`, "half of");
    hub.storage.requests.length = 0;
    const again = (await openHubFolder("some/saes/layer_9", options)).open("weights.bin");
    expect(text(await again.read(0, WEIGHTS.length))).toBe(WEIGHTS);
    expect(hub.storage.requests.map(({ range }) => range)).toEqual([`bytes=524288-${WEIGHTS.length - 1}`]);
  });

  it("stays as far as a long read came, which asks for 32 MiB at a time", async () => {
    const { hub, options } = await start();
    const long = Buffer.alloc(33 << 20, "numbers ");
    hub.commit("some/saes", 9, { "long.bin": long });
    hub.storage.faults.push({}, { cutAfter: 1000 });
    const read = async (): Promise<Uint8Array> =>
      (await openHubFolder("some/saes", options)).open("long.bin").read(0, long.length);
    await expect(read()).rejects.toMatchObject({ code: "MODX_HUB_NETWORK" });
    expect(long.equals(await read())).toBe(true);
    const half = 32 << 20;
    const rest = `bytes=${half}-${long.length - 1}`;
    expect(hub.storage.requests.map(({ range }) => range)).toEqual([`bytes=0-${half - 1}`, rest, rest]);
  });

  it.each(["weights.bin", "lfs.gguf"])("is the file that the hub lists, once all of %s is there", async (path) => {
    const { hub, cache, options } = await start();
    const other = WEIGHTS.replace("line 89999", "line 00000");
    hub.storage.serve(`/some/saes/${"7".padStart(40, "0")}/layer_9/${path}`, Buffer.from(other));
    const file = (await openHubFolder("some/saes/layer_9", options)).open(path);
    await file.read(0, 300_000);
    await expect(file.read(300_000, WEIGHTS.length - 300_000)).rejects.toMatchObject({ code: "MODX_HUB_WRONG_FILE" });
    expect((await filesIn(cache)).filter((kept) => kept.includes("/blobs/"))).toEqual([]);
  });

  it("is kept without the token", async () => {
    const { hub, cache, options } = await start();
    hub.token = "hf_secret";
    await command({ ...options, token: "hf_secret" });
    const files = await filesIn(cache);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect(`${file} ${await readFile(file, "latin1")}`).not.toContain("hf_secret");
  });

  it("is gone with its folder, and comes back", async () => {
    const { cache, options } = await start();
    await command(options);
    await rm(join(cache, "modx", "ranges"), { recursive: true });
    await expect(command({ ...options, offline: true })).rejects.toMatchObject({ code: "MODX_HUB_OFFLINE" });
    expect(await command(options)).toEqual(READ);
  });

  it("is read where nothing can be kept", async () => {
    const { cache, options } = await start();
    await writeFile(join(cache, "modx"), "a file where the folder should be");
    expect(await command(options)).toEqual(READ);
  });
});
