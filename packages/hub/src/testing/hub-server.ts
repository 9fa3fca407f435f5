import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { FileServer } from "./file-server.ts";
import { httpServer } from "./http-server.ts";
import { sha256 } from "./sha256.ts";

interface Repository {
  commit: string;
  files: Record<string, string | Uint8Array>;
}

/** The few endpoints of the Hugging Face hub that modx uses, with its answers' shapes. */
export class HubServer {
  /** The hub sends large files from another address; it gets no token. */
  readonly storage: FileServer;
  /** Token without which everything is 401. */
  token: string | null = null;
  /** Answers everything with 503, as a hub in trouble does. */
  down = false;
  /** Files of the tree per page. */
  pageSize = 1000;
  /** Paths asked for, without the storage. */
  readonly requests: string[] = [];
  url = "";
  readonly #repositories = new Map<string, Repository>();
  readonly #renamed = new Map<string, string>();

  private constructor(storage: FileServer) {
    this.storage = storage;
  }

  static async start(): Promise<HubServer> {
    const hub = new HubServer(await FileServer.start());
    hub.url = await httpServer((request, response, path) => hub.#answer(request, response, path));
    return hub;
  }

  /** Sets what a repository's main branch holds; `n` makes the commit. */
  commit(repo: string, n: number, files: Record<string, string | Uint8Array>): string {
    const commit = String(n).padStart(40, "0");
    this.#repositories.set(repo, { commit, files });
    for (const [path, text] of Object.entries(files))
      this.storage.serve(`/${repo}/${commit}/${path}`, Buffer.from(text));
    return commit;
  }

  /** Sends whoever asks for a repository by its old name on to the new one. */
  rename(old: string, repo: string): void {
    this.#renamed.set(old, repo);
  }

  #answer(request: IncomingMessage, response: ServerResponse, path: string): void {
    this.requests.push(path);
    if (this.down) {
      response.writeHead(503).end();
      return;
    }
    if (this.token !== null && request.headers.authorization !== `Bearer ${this.token}`) {
      response.writeHead(401).end('{"error":"Invalid username or password."}');
      return;
    }
    const [, api, apiRepo, call, rest] = /^\/(api)\/models\/([^/]+\/[^/]+)\/(revision|tree)\/(.+)$/.exec(path) ?? [];
    const [, repo, commit, file] = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path) ?? [];
    const today = this.#renamed.get(apiRepo ?? repo ?? "");
    if (today !== undefined) {
      response.writeHead(307, { location: (request.url ?? "").replace(apiRepo ?? repo ?? "", today) }).end();
      return;
    }
    const found = this.#repositories.get(apiRepo ?? repo ?? "");
    if (found !== undefined && api !== undefined && (rest === "main" || rest === found.commit)) {
      if (call === "revision") response.end(JSON.stringify({ id: apiRepo, sha: found.commit }));
      else this.#tree(request, response, found.files);
    } else if (found !== undefined && file !== undefined) {
      response.writeHead(302, { location: `${this.storage.url}/${repo}/${commit}/${file}` }).end();
    } else {
      response.writeHead(404).end('{"error":"Not found"}');
    }
  }

  #tree(request: IncomingMessage, response: ServerResponse, files: Record<string, string | Uint8Array>): void {
    const page = Number(new URL(request.url ?? "", this.url).searchParams.get("cursor") ?? 0);
    const entries = Object.entries(files).map(([path, text]) => entry(path, text));
    const shown = entries.slice(page * this.pageSize, (page + 1) * this.pageSize);
    if ((page + 1) * this.pageSize < entries.length) {
      const next = new URL(request.url ?? "", this.url);
      next.searchParams.set("cursor", String(page + 1));
      response.setHeader("link", `<${next.href}>; rel="next"`);
    }
    response.end(JSON.stringify(shown));
  }
}

/** Only .gguf files are in LFS here; others are named by git's hash. */
function entry(path: string, content: string | Uint8Array): Record<string, unknown> {
  const bytes = Buffer.from(content);
  const size = bytes.length;
  const oid = createHash("sha1").update(`blob ${size}\0`).update(bytes).digest("hex");
  const lfs = path.endsWith(".gguf") ? { lfs: { oid: sha256(bytes), size, pointerSize: 134 } } : {};
  return { type: "file", path, size, oid, ...lfs };
}
