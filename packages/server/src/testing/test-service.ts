import { type Engine, openEngine } from "@modx/engine";
import { type Action, openGuard, type RunningFiles, runningIdentity } from "@modx/guard";
import OpenAI from "openai";
import { inject } from "vitest";
import type { Alert } from "../alert/alert.ts";
import { createApp } from "../app/create-app.ts";
import { type Listening, serve } from "../listen/serve.ts";
import type { AppOptions } from "../state/app-options.ts";
import { type Served, ServerState } from "../state/server-state.ts";
import { type AlarmAt, TEST_TAPS, testPack } from "./test-pack.ts";

const FILES: RunningFiles = {
  modelSha256: "cd".repeat(32),
  adapters: [{ sha256: "ef".repeat(32), scale: 1 }],
};

export const MODEL = "smollm2";

/** The real model, with as many sequences as a test needs. */
export function openTestEngine(sequences: number): Promise<Engine> {
  return openEngine({ model: inject("modelFile"), taps: TEST_TAPS, sequences, contextTokens: 512 });
}

export interface TestService {
  state: ServerState;
  listening: Listening;
  client: OpenAI;
  /** What `onAlert` was given. */
  alerts: Alert[];
  /** What `onError` was given. */
  errors: unknown[];
  post(body: unknown, headers?: Record<string, string>): Promise<Response>;
}

export interface TestServiceOptions extends AppOptions {
  action?: Action;
  hold?: number | "all";
  alarms?: readonly AlarmAt[];
}

/** A model that is watched by detectors that alarm where the test says. */
export async function serveModel(engine: Engine, options: TestServiceOptions = {}): Promise<Served> {
  const { action = "halt", hold = 1, alarms = ["never"] } = options;
  const pack = testPack(runningIdentity(engine, FILES), alarms);
  const guard = await openGuard({ engine, packs: [pack], files: FILES, policy: { action, hold } });
  return { guard, files: FILES, name: MODEL, defaultTokens: 12 };
}

/** The service on a port of its own, with the official client. */
export async function startService(engine: Engine, options: TestServiceOptions = {}): Promise<TestService> {
  const alerts: Alert[] = [];
  const errors: unknown[] = [];
  const state = new ServerState(await serveModel(engine, options));
  const app = createApp(state, {
    onAlert: (alert) => {
      alerts.push(alert);
      return true;
    },
    onError: (error) => errors.push(error),
    ...options,
  });
  const listening = await serve({ app, state, host: "127.0.0.1", port: 0 });
  const baseURL = `${listening.url}/v1`;
  return {
    state,
    listening,
    alerts,
    errors,
    client: new OpenAI({ baseURL, apiKey: options.apiKeys?.[0] ?? "none", maxRetries: 0 }),
    post: (body, headers = {}) =>
      fetch(`${baseURL}/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
  };
}
