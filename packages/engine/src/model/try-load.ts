import { execFile } from "node:child_process";
import { closeSync, openSync, readSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CODES, type ErrorCode, ModxError } from "@modx/errors";
import { type Accelerator, librariesFolder, libraryFiles } from "../native/libraries.ts";
import { remedyOf } from "../native/native-error.ts";

const SCRIPT = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "native", "try-load.mjs");

export interface TryLoadOptions {
  model: string;
  adapters?: readonly { path: string; scale?: number }[];
  accelerator?: Accelerator;
}

/**
 * Loads a model and its adapters in a child process and decodes two tokens there. llama.cpp aborts on some damaged files;
 * one that passes here can be opened in-process. Throws MODX_ENGINE_FILE, MODX_ENGINE_MODEL_REFUSED or
 * MODX_ENGINE_ADAPTER_REFUSED.
 */
export async function tryLoad({ model, adapters = [], accelerator }: TryLoadOptions): Promise<void> {
  for (const path of [model, ...adapters.map((adapter) => adapter.path)]) checkMagic(path);
  const folder = librariesFolder(accelerator);
  const request = {
    folder,
    libraries: libraryFiles(folder),
    model,
    adapters: adapters.map(({ path, scale = 1 }) => ({ path, scale })),
    taps: [],
  };
  const { stdout, stderr, signal } = await runChild(JSON.stringify(request));
  const answer = lastJson(stdout);
  if (answer?.ok === true) return;
  const names = [model, ...adapters.map((adapter) => adapter.path)].join(" with ");
  if (answer === undefined) {
    const said = stderr.trim().split("\n").at(-1) ?? "";
    throw new ModxError("MODX_ENGINE_MODEL_REFUSED", {
      what: `llama.cpp crashed while it loaded ${names}${signal === null ? "" : ` (${signal})`}${said === "" ? "" : `: ${said}`}.`,
      remedy: "The file is damaged, or made for another version of llama.cpp: get it again.",
    });
  }
  const code: ErrorCode =
    typeof answer.code === "string" && answer.code in CODES ? (answer.code as ErrorCode) : "MODX_ENGINE_MODEL_REFUSED";
  throw new ModxError(code, { what: `${answer.message ?? names}.`, remedy: remedyOf(code) });
}

/** Every GGUF file begins with these four bytes. */
function checkMagic(path: string): void {
  const bytes = Buffer.alloc(4);
  try {
    const file = openSync(path, "r");
    try {
      readSync(file, bytes, 0, 4, 0);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw new ModxError("MODX_ENGINE_FILE", {
      what: `${path} cannot be read (${cause instanceof Error ? cause.message : cause}).`,
      remedy: "Give the path of a GGUF file.",
      cause,
    });
  }
  if (bytes.toString("latin1") !== "GGUF") {
    throw new ModxError("MODX_ENGINE_FILE", {
      what: `${path} is not a GGUF file.`,
      remedy: "Give a model or adapter in GGUF form.",
    });
  }
}

function runChild(request: string): Promise<{ stdout: string; stderr: string; signal: string | null }> {
  return new Promise((resolve) => {
    // Without this, ggml runs a debugger over the crash for seconds.
    const env = { ...process.env, GGML_NO_BACKTRACE: "1" };
    execFile(process.execPath, [SCRIPT, request], { env, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      resolve({ stdout, stderr, signal: error?.signal ?? null });
    });
  });
}

function lastJson(stdout: string): { ok?: unknown; code?: unknown; message?: string } | undefined {
  try {
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as { ok?: unknown };
  } catch {
    return undefined;
  }
}
