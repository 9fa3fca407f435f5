import { ModxError } from "@modx/errors";
import { builtInName } from "./built-in.ts";
import { type HubReference, isHubHost, parseHubReference } from "./hub-reference.ts";

/** What a user's words for a model mean. */
export type ModelReference =
  | { kind: "path"; path: string }
  | { kind: "built-in"; name: string }
  | { kind: "url"; url: string }
  | HubReference;

const HUB_PREFIX = /^(?:hf|huggingface):(?:\/\/)?|^(?:www\.)?(?:hf\.co|huggingface\.co)\//;
const PATH_LIKE = /^[./~]|\\|\.gguf$/i;
const BARE_REPO = /^[^/\s]+\/[^/\s]+$/;

/**
 * Reads a model's name without looking at the disk or the network. `as` says which flag it came from: `path` for -m,
 * `hub` for -hf; without it a name that looks like a path is one. Throws MODX_USAGE or MODX_HUB_UNKNOWN_NAME.
 */
export function parseModelReference(text: string, as?: "path" | "hub"): ModelReference {
  const name = text.trim();
  if (name === "") {
    throw new ModxError("MODX_USAGE", {
      what: "The name of the model is empty.",
      remedy: "Give a path, hf:USER/REPO[:QUANT] or a name that `modx model list` prints.",
    });
  }
  if (as === "path") return { kind: "path", path: name };
  if (/^https?:\/\//i.test(name)) return parseUrl(name);
  const prefix = HUB_PREFIX.exec(name);
  if (prefix !== null) return parseHubReference(name.slice(prefix[0].length), name);
  if (as === "hub") return parseHubReference(name, name);
  if (PATH_LIKE.test(name)) return { kind: "path", path: name };
  if (BARE_REPO.test(name)) return parseHubReference(name, name);
  return { kind: "built-in", name: builtInName(name) };
}

function parseUrl(text: string): ModelReference {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) {
    throw new ModxError("MODX_USAGE", {
      what: `"${text}" is not a URL.`,
      remedy: "Give the whole address of a .gguf file.",
    });
  }
  if (isHubHost(url.hostname)) return parseHubReference(decodePath(url) + url.hash, text);
  if (!decodePath(url).toLowerCase().endsWith(".gguf")) {
    throw new ModxError("MODX_USAGE", {
      what: `${text} does not name a .gguf file.`,
      remedy: "Give the address of the file itself (https://HOST/.../resolve/.../FILE.gguf).",
    });
  }
  return { kind: "url", url: url.href };
}

function decodePath(url: URL): string {
  try {
    return decodeURIComponent(url.pathname).replace(/^\//, "");
  } catch {
    return url.pathname.replace(/^\//, "");
  }
}
