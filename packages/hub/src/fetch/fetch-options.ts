import type { Environment } from "../cache/folders.ts";
import type { RetryOptions } from "./retry.ts";
import type { OnProgress } from "./transfer.ts";

export interface FetchOptions extends RetryOptions {
  /** Use caches only. Defaults to HF_HUB_OFFLINE. */
  offline?: boolean | undefined;
  /** Defaults to HF_TOKEN. Sent to the hub only. */
  token?: string | undefined;
  /** Of a split model: over all its parts. Not called for what is in the cache. */
  onProgress?: OnProgress | undefined;
  env?: Environment | undefined;
}

/** A model on disk. */
export interface ResolvedModel {
  /** The file to load; of a split model the first part, with the others beside it. */
  path: string;
  /** sha256 of the file; of a split model see `modelSha256`. */
  sha256: string;
  /** The name under which `modx model list` shows it; of a file given by path, its path. */
  name: string;
}

/** The values are those of huggingface_hub (constants.py). */
export function isOffline({ offline, env = process.env }: FetchOptions): boolean {
  return offline ?? /^(?:1|on|yes|true)$/i.test(env["HF_HUB_OFFLINE"] ?? "");
}
