import { ModxError } from "@modx/errors";
import { staysInside } from "../cache/hub-folder.ts";

/** A model on the Hugging Face hub: one file of a repository, or the one that `quant` picks. */
export interface HubReference {
  kind: "hub";
  /** `user/name`. */
  repo: string;
  /** Branch, tag or commit. */
  revision: string;
  /** Path inside the repository; null when `quant` decides. */
  file: string | null;
  /** Quantisation as typed; null for the default. */
  quant: string | null;
}

const REPO_PART = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/;
const QUANT = /^[A-Za-z0-9_.-]+$/;

export function isHubHost(host: string): boolean {
  return /^(?:www\.)?(?:huggingface\.co|hf\.co)$/.test(host);
}

/**
 * Parses `user/repo[:quant][#rev]`, `user/repo/file.gguf[#rev]` and what a browser's address holds,
 * `user/repo/resolve/rev/file.gguf`. `typed` is the whole name, for the message of MODX_USAGE.
 */
export function parseHubReference(content: string, typed: string): HubReference {
  const [address = "", fragment] = splitAt(content.replace(/\/+$/, ""), "#");
  const [user = "", rest = ""] = splitAt(address, "/");
  const [head = "", path = ""] = splitAt(rest, "/");
  const [name = "", quant] = splitAt(head, ":");
  const repo = `${user}/${name}`;
  if (!REPO_PART.test(user) || !REPO_PART.test(name) || repo.includes("--")) throw unreadable(typed);

  const page = /^(?:resolve|blob|raw)\/([^/]+)\/(.+)$/.exec(path);
  const file = page?.[2] ?? (path === "" ? null : path);
  const revision = fragment || page?.[1] || "main";
  if (!staysInside(revision)) throw unreadable(typed);
  if (file === null) {
    if (quant !== undefined && !QUANT.test(quant)) throw unreadable(typed);
    // Ollama's tag for "whatever is the default".
    const byDefault = quant === undefined || quant.toLowerCase() === "latest";
    return { kind: "hub", repo, revision, file: null, quant: byDefault ? null : quant };
  }
  if (quant !== undefined || !staysInside(file) || !file.toLowerCase().endsWith(".gguf")) throw unreadable(typed);
  return { kind: "hub", repo, revision, file, quant: null };
}

/** The name under which `modx model list` shows a file of the hub; parsing it gives the same file. */
export function hubName(repo: string, file: string, revision: string): string {
  return `hf:${repo}/${file}${revision === "main" ? "" : `#${revision}`}`;
}

function splitAt(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function unreadable(typed: string): ModxError {
  return new ModxError("MODX_USAGE", {
    what: `"${typed}" does not name a model on the hub.`,
    remedy: "Write hf:USER/REPO, hf:USER/REPO:QUANT or hf:USER/REPO/FILE.gguf[#REVISION].",
  });
}
