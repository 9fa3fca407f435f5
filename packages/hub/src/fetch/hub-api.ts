import { ModxError } from "@modx/errors";
import type { Environment } from "../cache/folders.ts";
import { isCommit, staysInside } from "../cache/hub-folder.ts";
import { countField, textField } from "../cache/json-fields.ts";
import type { Digest } from "../hash/file-digest.ts";
import { httpRefusal } from "./http-refusal.ts";
import { type RetryOptions, withRetries } from "./retry.ts";
import { StallWatch } from "./stall-watch.ts";

/** A file of a repository at one commit. */
export interface HubFile {
  path: string;
  bytes: number;
  digest: Digest;
}

export interface HubListing {
  commit: string;
  files: readonly HubFile[];
}

/** An answer with more pages (of a thousand files) is not a model repository. */
const MOST_PAGES = 100;
const ANSWER_MS = 30_000;

/** Address of the hub, without a slash at the end: HF_ENDPOINT or the public one. */
export function hubEndpoint(env: Environment): string {
  return (env["HF_ENDPOINT"] || "https://huggingface.co").replace(/\/+$/, "");
}

export function fileUrl(endpoint: string, repo: string, commit: string, path: string): string {
  return `${endpoint}/${repo}/resolve/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`;
}

export interface HubApiOptions extends RetryOptions {
  endpoint: string;
  token?: string | undefined;
}

/** The commit behind a revision and all its files. Throws MODX_HUB_NETWORK or MODX_HUB_NOT_FOUND. */
export async function listHubFiles(repo: string, revision: string, options: HubApiOptions): Promise<HubListing> {
  const commit = await hubCommit(repo, revision, options);
  return { commit, files: await hubFiles(repo, commit, options) };
}

/** The commit behind a revision. Throws as `listHubFiles`. */
export async function hubCommit(repo: string, revision: string, options: HubApiOptions): Promise<string> {
  const label = labelOf(repo, revision, options);
  const url = `${options.endpoint}/api/models/${repo}/revision/${encodeURIComponent(revision)}`;
  const { body } = await getJson(url, label, options);
  const commit = textField(body, "sha") ?? "";
  if (!isCommit(commit)) throw noAnswer(label);
  return commit;
}

/** All files of a commit. Throws as `listHubFiles`. */
export async function hubFiles(repo: string, commit: string, options: HubApiOptions): Promise<HubFile[]> {
  const label = labelOf(repo, commit, options);
  const files: HubFile[] = [];
  let next: string | null = `${options.endpoint}/api/models/${repo}/tree/${commit}?recursive=true`;
  for (let page = 0; next !== null && page < MOST_PAGES; page += 1) {
    const answer = await getJson(next, label, options);
    if (!Array.isArray(answer.body)) throw noAnswer(label);
    files.push(...hubFilesOf(answer.body));
    next = nextPage(answer.link, options.endpoint);
  }
  return files;
}

/** The files among the entries of a tree, as the hub lists them. */
export function hubFilesOf(entries: readonly unknown[]): HubFile[] {
  return entries.flatMap(readFile);
}

function labelOf(repo: string, revision: string, { endpoint }: HubApiOptions): string {
  return `${repo} at revision ${revision} on ${endpoint}`;
}

async function getJson(
  url: string,
  label: string,
  options: HubApiOptions,
): Promise<{ body: unknown; link: string | null }> {
  const { token } = options;
  return withRetries(label, options, async () => {
    using watch = new StallWatch(ANSWER_MS, options.signal);
    const headers = new Headers({ accept: "application/json", "user-agent": "modx" });
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
    const response = await fetch(url, { headers, signal: watch.signal });
    if (!response.ok) throw httpRefusal(response, label, token === undefined ? "hub-anonymous" : "hub-token");
    const text = await response.text();
    try {
      return { body: JSON.parse(text) as unknown, link: response.headers.get("link") };
    } catch {
      throw noAnswer(label);
    }
  });
}

/** An entry of the tree; entries that are no files, or whose names or hashes cannot be right, are left out. */
function readFile(entry: unknown): HubFile[] {
  const path = textField(entry, "path");
  if (textField(entry, "type") !== "file" || path === undefined || !staysInside(path)) return [];
  const lfs = textField(entry, "lfs", "oid");
  const bytes = countField(entry, "lfs", "size") ?? countField(entry, "size");
  const hex = lfs ?? textField(entry, "oid") ?? "";
  if (bytes === undefined || !/^[0-9a-f]+$/.test(hex) || hex.length !== (lfs === undefined ? 40 : 64)) return [];
  return [{ path, bytes, digest: { algorithm: lfs === undefined ? "git-sha1" : "sha256", hex } }];
}

/** The next page, on the same host only: the token goes along. */
function nextPage(link: string | null, endpoint: string): string | null {
  const url = /<([^>]+)>;\s*rel="?next"?/.exec(link ?? "")?.[1];
  return url !== undefined && URL.canParse(url) && new URL(url).origin === new URL(endpoint).origin ? url : null;
}

function noAnswer(label: string): ModxError {
  return new ModxError("MODX_HUB_NETWORK", {
    what: `The answer about ${label} is not that of a Hugging Face hub.`,
    remedy: "Check HF_ENDPOINT, or a proxy in between that asks for a login.",
  });
}
