import { homedir } from "node:os";
import { join } from "node:path";

/** Environment variables by name; `process.env` in production. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Folder of modx's own downloads and caches: `$XDG_CACHE_HOME/modx` or `~/.cache/modx`. */
export function modxCache(env: Environment = process.env): string {
  return join(userCache(env), "modx");
}

/**
 * Folder of the Hugging Face cache, shared with huggingface_hub and llama.cpp. The order of the variables is theirs:
 * huggingface.js packages/hub/src/lib/cache-management.ts.
 */
export function huggingFaceCache(env: Environment = process.env): string {
  const named = env["HF_HUB_CACHE"] || env["HUGGINGFACE_HUB_CACHE"];
  if (named) return withHome(named, env);
  const home = env["HF_HOME"];
  if (home) return join(withHome(home, env), "hub");
  return join(userCache(env), "huggingface", "hub");
}

function userCache(env: Environment): string {
  return env["XDG_CACHE_HOME"] || join(home(env), ".cache");
}

/** Variables set in a service file keep their `~`: no shell expands it. */
function withHome(path: string, env: Environment): string {
  return path === "~" || path.startsWith("~/") ? join(home(env), path.slice(1)) : path;
}

function home(env: Environment): string {
  return env["HOME"] || homedir();
}
