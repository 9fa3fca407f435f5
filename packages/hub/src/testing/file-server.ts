import type { IncomingMessage, ServerResponse } from "node:http";
import { httpServer } from "./http-server.ts";
import { sha256 } from "./sha256.ts";

/** A reader loses what it has not read when the connection breaks; so long it gets to read. */
const CUT_MS = 200;

/** What goes wrong with a request, in the order of requests. */
export interface Fault {
  /** Cut the connection after so many bytes of the body. */
  cutAfter?: number;
  status?: number;
  /** Send this many bytes, then nothing more. */
  stallAfter?: number;
}

export interface ServedFile {
  content: Buffer;
  /** Defaults to one made from the content; null for none. */
  etag?: string | null;
  /** Ignore Range, as simple servers do. */
  noRanges?: boolean;
}

/** Files over HTTP with ranges, and faults on order. */
export class FileServer {
  readonly files: Map<string, ServedFile> = new Map();
  readonly faults: Fault[] = [];
  /** Headers of the requests so far. */
  readonly requests: IncomingMessage["headers"][] = [];
  url = "";

  static async start(): Promise<FileServer> {
    const server = new FileServer();
    server.url = await httpServer((request, response, path) => server.answer(request, response, path));
    return server;
  }

  serve(path: string, content: Buffer, more: Omit<ServedFile, "content"> = {}): string {
    this.files.set(path, { content, ...more });
    return this.url + path;
  }

  answer(request: IncomingMessage, response: ServerResponse, path: string): void {
    this.requests.push(request.headers);
    const file = this.files.get(decodeURIComponent(path));
    const fault = this.faults.shift() ?? {};
    const status = fault.status ?? (file === undefined ? 404 : 200);
    if (file === undefined || status !== 200) {
      response.writeHead(status).end("no");
      return;
    }
    const etag = file.etag === undefined ? `"${sha256(file.content).slice(0, 8)}"` : file.etag;
    const headers: Record<string, string> = etag === null ? {} : { etag };
    const ifRange = request.headers["if-range"];
    const [, asked, until] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    const ranged = asked !== undefined && file.noRanges !== true && (ifRange === undefined || ifRange === etag);
    const start = ranged ? Number(asked) : 0;
    const { length } = file.content;
    if (start >= length && ranged) {
      response.writeHead(416, { "content-range": `bytes */${length}` }).end();
      return;
    }
    const end = ranged && until ? Math.min(length, Number(until) + 1) : length;
    if (ranged) headers["content-range"] = `bytes ${start}-${end - 1}/${length}`;
    response.writeHead(ranged ? 206 : 200, { ...headers, "content-length": String(end - start) });
    send(response, file.content.subarray(start, end), fault);
  }
}

function send(response: ServerResponse, body: Buffer, { cutAfter, stallAfter }: Fault): void {
  if (cutAfter !== undefined) {
    response.write(body.subarray(0, cutAfter), () => setTimeout(() => response.destroy(), CUT_MS));
  } else if (stallAfter !== undefined) {
    response.write(body.subarray(0, stallAfter));
  } else {
    response.end(body);
  }
}
