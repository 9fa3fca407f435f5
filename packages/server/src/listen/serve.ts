import type { Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import { type ServerState, stoppingError } from "../state/server-state.ts";
import { listenError } from "./listen-error.ts";

export interface ServeOptions {
  app: Hono;
  state: ServerState;
  host: string;
  /** 0 takes a free one. */
  port: number;
}

export interface Listening {
  /** Address of the service, with the port that it has. */
  url: string;
  port: number;
  /** Stops accepting, lets running requests end, ends them after the grace, and closes every connection. */
  close(graceMs?: number): Promise<void>;
}

/** Time that running requests have to end by themselves. */
const GRACE_MS = 5_000;
/** Time that a client has to read that its request was ended. */
const LAST_WORDS_MS = 500;
/** How often connections that have become idle are closed. */
const SWEEP_MS = 50;

/** Serves the app over HTTP. Throws MODX_SERVER_PORT and MODX_SERVER_ADDRESS. */
export async function serve({ app, state, host, port }: ServeOptions): Promise<Listening> {
  // The globals are left alone: other code of the process uses them as well.
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
  await new Promise<void>((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => reject(listenError(error, host, port));
    server.once("error", fail);
    server.listen(port, host, () => {
      server.off("error", fail);
      resolve();
    });
  });
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    port: bound,
    close: (graceMs = GRACE_MS) => close(server, state, graceMs),
  };
}

async function close(server: Server, state: ServerState, graceMs: number): Promise<void> {
  state.stopping = true;
  let open = true;
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      open = false;
      resolve();
    });
  });
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const within = (ms: number): Promise<void> => Promise.race([closed, sleep(ms, undefined, { ref: false })]);
  try {
    await within(graceMs);
    if (!open) return;
    state.running.abortAll(stoppingError());
    await within(LAST_WORDS_MS);
    server.closeAllConnections();
    await closed;
  } finally {
    clearInterval(sweep);
  }
}
