import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DownloadOptions } from "../fetch/download.ts";
import type { Digest } from "../hash/file-digest.ts";
import { FileServer } from "./file-server.ts";
import { sha256 } from "./sha256.ts";
import { cachesIn, temporaryFolder } from "./temporary-folder.ts";

export const CONTENT: Buffer = randomBytes(300_000);

export interface DownloadCase {
  server: FileServer;
  /** Serves CONTENT, with an ETag and ranges. */
  url: string;
  target: string;
  options: DownloadOptions;
}

export async function downloadCase(): Promise<DownloadCase> {
  const folder = await temporaryFolder();
  const server = await FileServer.start();
  const url = server.serve("/model.gguf", CONTENT);
  const options = { digest: digestOf(CONTENT), backoffMs: 5, env: cachesIn(folder) };
  return { server, url, target: join(folder, "deep", "model.gguf"), options };
}

export function digestOf(content: Buffer): Digest {
  return { algorithm: "sha256", hex: sha256(content) };
}

/** True when the target has this content and nothing lies beside it. */
export async function isOnly(target: string, content: Buffer = CONTENT): Promise<boolean> {
  const names = await readdir(join(target, ".."));
  return names.join() === "model.gguf" && (await readFile(target)).equals(content);
}
