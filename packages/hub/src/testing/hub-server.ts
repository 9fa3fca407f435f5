import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { FileServer } from "./file-server.ts";
import { httpServer } from "./http-server.ts";
import { sha256 } from "./sha256.ts";

interface Repository {
  commit: string;
  files: Record<string, string>;
}

/** The few endpoints of the Hugging Face hub that modx uses, with its answers' shapes. */
export class HubServer {
  /** The hub sends large files from another address; it gets no token. */
  readonly storage: FileServer;
  /** Token without which everything is 401. */
  token: string | null = null;
  /** Files of the tree per page. */
  pageSize = 1000;
  /** Paths asked for, without the storage. */
  readonly requests: string[] = [];
  url = "";
  readonly #repositories = new Map<string, Repository>();

  private constructor(storage: FileServer) {
    this.storage = storage;
  }

  static async start(): Promise<HubServer> {
    const hub = new HubServer(await FileServer.start());
    hub.url = await httpServer((request, response, path) => hub.#answer(request, response, path));
    return hub;
  }

  /** Sets what a repository's main branch holds; `n` makes the commit. */
  commit(repo: string, n: number, files: Record<string, string>): string {
    const commit = String(n).padStart(40, "0");
    this.#repositories.set(repo, { commit, files });
    for (const [path, text] of Object.entries(files))
      this.storage.serve(`/${repo}/${commit}/${path}`, Buffer.from(text));
    return commit;
  }

  #answer(request: IncomingMessage, response: ServerResponse, path: string): void {
    this.requests.push(path);
    if (this.token !== null && request.headers.authorization !== `Bearer ${this.token}`) {
      response.writeHead(401).end('{"error":"Invalid username or password."}');
      return;
    }
    const [, api, apiRepo, call, rest] = /^\/(api)\/models\/([^/]+\/[^/]+)\/(revision|tree)\/(.+)$/.exec(path) ?? [];
    const [, repo, commit, file] = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path) ?? [];
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

  #tree(request: IncomingMessage, response: ServerResponse, files: Record<string, string>): void {
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
function entry(path: string, text: string): Record<string, unknown> {
  const size = Buffer.byteLength(text);
  const oid = createHash("sha1").update(`blob ${size}\0${text}`).digest("hex");
  const lfs = path.endsWith(".gguf") ? { lfs: { oid: sha256(text), size, pointerSize: 134 } } : {};
  return { type: "file", path, size, oid, ...lfs };
}
