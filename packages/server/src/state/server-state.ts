import { createHash } from "node:crypto";
import { ModxError } from "@modx/errors";
import type { Guard, RunningFiles } from "@modx/guard";
import { RunningRequests } from "./running-requests.ts";

/** A monitored model as the service offers it. */
export interface Served {
  guard: Guard;
  files: RunningFiles;
  /** The model's name in requests and answers. */
  name: string;
  /** Response tokens when a request does not say. */
  defaultTokens: number;
}

/** What the service is doing, shared by its routes and by whoever starts and stops it. */
export class ServerState {
  /** Null while the model is loading. */
  served: Served | null;
  stopping = false;
  readonly running: RunningRequests = new RunningRequests();
  /** Alerts that should have been stored and could not be. */
  lostAlerts = 0;
  /** Why the last alert could not be stored; null when it could. */
  alertFailure: string | null = null;
  /** Unix seconds. */
  readonly started: number = Math.floor(Date.now() / 1000);

  constructor(served: Served | null = null) {
    this.served = served;
  }

  /** The model, or MODX_SERVER_LOADING, MODX_SERVER_STOPPING. */
  ready(): Served {
    if (this.stopping) throw stoppingError();
    if (this.served !== null) return this.served;
    throw new ModxError("MODX_SERVER_LOADING", { what: "The model is still loading.", remedy: "Try again soon." });
  }
}

export function stoppingError(): ModxError {
  return new ModxError("MODX_SERVER_STOPPING", { what: "The server is stopping.", remedy: "Try again later." });
}

/** Changes with anything that can change an answer: model, adapters, packs, llama.cpp. OpenAI's `system_fingerprint`. */
export function fingerprint({ guard, files }: Served): string {
  const parts = [
    files.modelSha256,
    ...files.adapters.map(({ sha256, scale }) => `${sha256}*${scale}`),
    ...guard.packs.map((pack) => pack.sha256),
    guard.engine.model.engineVersion,
  ];
  return `fp_${createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 12)}`;
}
