import { describe, expect, it } from "vitest";
import type { FetchOptions } from "../fetch/fetch-options.ts";
import { HubServer } from "../testing/hub-server.ts";
import { cachesIn, temporaryFolder } from "../testing/temporary-folder.ts";
import { openHubFolder } from "./hub-folder.ts";

const LARGE = Array.from({ length: 90_000 }, (_, i) => `line ${i}`).join("\n");

async function start(): Promise<{ hub: HubServer; options: FetchOptions }> {
  const hub = await HubServer.start();
  hub.commit("some/saes", 7, { "layer_9/cfg.json": '{"a":1}', "layer_9/weights.bin": LARGE, "README.md": "hello" });
  const env = cachesIn(await temporaryFolder(), { HF_ENDPOINT: hub.url });
  return { hub, options: { env, backoffMs: 1, retries: 1 } };
}
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe("a folder on the hub", () => {
  it("lists what lies in it, and reads pieces of its files", async () => {
    const { options } = await start();
    const folder = await openHubFolder("some/saes/layer_9", options);
    expect(folder.files).toEqual(["cfg.json", "weights.bin"]);
    const file = folder.open("weights.bin");
    expect(file.size).toBe(LARGE.length);
    expect(text(await file.read(0, 6))).toBe(LARGE.slice(0, 6));
    expect(text(await file.read(300_000, 400_000))).toBe(LARGE.slice(300_000, 700_000));
    expect(text(await file.read(LARGE.length - 5, 5))).toBe(LARGE.slice(-5));
    await expect(file.read(LARGE.length - 5, 6)).rejects.toMatchObject({ code: "MODX_HUB_WRONG_FILE" });
  });

  it.each([
    ["some/saes/layer_9/cfg.json", "some/saes/layer_9", "cfg.json"],
    ["some/saes/README.md", "some/saes", "README.md"],
  ])("is one file where that is named: %s", async (reference, name, file) => {
    const { options } = await start();
    const folder = await openHubFolder(reference, options);
    expect(folder).toMatchObject({ name, files: [file] });
    expect((await folder.open(file).read(0, 5)).length).toBe(5);
  });

  it("is found by the name that its repository had before", async () => {
    const { hub, options } = await start();
    hub.rename("old/saes", "some/saes");
    const folder = await openHubFolder("old/saes/layer_9", options);
    expect(text(await folder.open("weights.bin").read(300_000, 300_000))).toBe(LARGE.slice(300_000, 600_000));
  });

  it("fetches what follows a small read with it", async () => {
    const { hub, options } = await start();
    const file = (await openHubFolder("some/saes", options)).open("layer_9/weights.bin");
    const before = hub.storage.requests.length;
    for (let at = 0; at < 100_000; at += 1000) await file.read(at, 1000);
    expect(hub.storage.requests.length - before).toBe(1);
  });

  it("asks again where the connection breaks, and refuses a server that sends all of a file for a piece", async () => {
    const { hub, options } = await start();
    const file = (await openHubFolder("some/saes", options)).open("layer_9/weights.bin");
    hub.storage.faults.push({ cutAfter: 1000 });
    expect(text(await file.read(500_000, 300_000))).toBe(LARGE.slice(500_000, 800_000));
    for (const served of hub.storage.files.values()) served.noRanges = true;
    await expect(file.read(0, 300_000)).rejects.toMatchObject({ code: "MODX_HUB_WRONG_FILE" });
  });

  it.each([
    ["a folder that is not there", "some/saes/layer_10", "MODX_HUB_NOT_FOUND"],
    ["a repository that is not there", "some/nothing", "MODX_HUB_NOT_FOUND"],
    ["no reference at all", "nothing", "MODX_USAGE"],
    ["a revision that is a path", "some/saes#../../main", "MODX_USAGE"],
  ])("refuses %s", async (_, reference, code) => {
    const { options } = await start();
    await expect(openHubFolder(reference, options)).rejects.toMatchObject({ code });
  });

  it("is not asked for when offline", async () => {
    const { hub, options } = await start();
    await expect(openHubFolder("some/saes", { ...options, offline: true })).rejects.toMatchObject({
      code: "MODX_HUB_OFFLINE",
    });
    expect(hub.requests).toEqual([]);
  });

  it("needs the token where the hub wants one", async () => {
    const { hub, options } = await start();
    hub.token = "secret";
    await expect(openHubFolder("some/saes", options)).rejects.toMatchObject({ code: "MODX_HUB_NOT_FOUND" });
    const folder = await openHubFolder("some/saes", { ...options, token: "secret" });
    expect(text(await folder.open("README.md").read(0, 5))).toBe("hello");
    // the storage that the hub sends one to gets none
    expect(hub.storage.requests.at(-1)?.authorization).toBeUndefined();
  });
});
