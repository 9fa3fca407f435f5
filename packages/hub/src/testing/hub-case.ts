import { join } from "node:path";
import type { FetchOptions, ResolvedModel } from "../fetch/fetch-options.ts";
import { fetchFromHub } from "../fetch/hugging-face.ts";
import { parseModelReference } from "../names/model-reference.ts";
import { HubServer } from "./hub-server.ts";
import { cachesIn, temporaryFolder } from "./temporary-folder.ts";

/** What most tests put into `user/repo`. */
export const FILES: Record<string, string> = { "README.md": "read", "m-Q4_K_M.gguf": "four", "m-Q8_0.gguf": "eight" };

export interface HubCase {
  hub: HubServer;
  /** The cache's folder of `user/repo`. */
  folder: string;
  options: FetchOptions;
  /** Fetches what -hf NAME means. */
  fetch: (name: string, more?: FetchOptions) => Promise<ResolvedModel>;
}

export async function hubCase(): Promise<HubCase> {
  const hub = await HubServer.start();
  const cache = await temporaryFolder();
  const env = cachesIn(cache, { HF_HUB_CACHE: cache, HF_ENDPOINT: `${hub.url}/` });
  const options: FetchOptions = { backoffMs: 5, env };
  const fetch = (name: string, more: FetchOptions = {}): Promise<ResolvedModel> => {
    const reference = parseModelReference(name, "hub");
    if (reference.kind !== "hub") throw new Error("not a hub name");
    return fetchFromHub(reference, { ...options, ...more });
  };
  return { hub, folder: join(cache, "models--user--repo"), options, fetch };
}
