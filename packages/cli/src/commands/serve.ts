import { basename, isAbsolute } from "node:path";
import type { SupervisionEvent } from "@modx/engine";
import { type Alert, AlertLog, alertLogPath, createApp, type Listening, ServerState, serve } from "@modx/server";
import { type Command, Option } from "commander";
import { openWatched, type Watched } from "../open/open-watched.ts";
import { GUARD_OPTIONS, type GuardFlags, MODEL_OPTIONS, type ModelFlags } from "../options/model-options.ts";
import { addOptions, type OptionSpec, usage, wholeNumber } from "../options/option.ts";
import { describeError } from "../print/error-line.ts";
import { note } from "../print/note.ts";
import { BENIGN_PROMPT, CAUGHT_PROMPT } from "./demo-prompts.ts";

interface ServeFlags extends ModelFlags, GuardFlags {
  host?: string;
  port?: number;
  apiKey?: string;
  alias?: string;
  timeout?: number;
  queue?: number;
  reveal?: boolean;
  demo?: boolean;
}

const SERVE_OPTIONS: readonly OptionSpec[] = [
  { flags: "--host <address>", description: "address to listen on (default 127.0.0.1)", env: "LLAMA_ARG_HOST" },
  {
    flags: "--port <n>",
    description: "port to listen on, 0 for a free one (default 8080)",
    env: "LLAMA_ARG_PORT",
    parse: wholeNumber("the port", 0, 65_535),
  },
  {
    flags: "--api-key <key,...>",
    description: "keys that open the API, one of which a client must send",
    env: "LLAMA_API_KEY",
  },
  { flags: "--alias <name>", description: "name to serve the model under", env: "LLAMA_ARG_ALIAS" },
  {
    flags: "--timeout <seconds>",
    description: "-to: longest time that a request may take (default 600)",
    env: "LLAMA_ARG_TIMEOUT",
    parse: wholeNumber("the timeout", 1, 86_400),
  },
  {
    flags: "--queue <n>",
    description: "requests that may wait for a sequence; more are turned away with status 429 (default 64)",
    parse: wholeNumber("the queue", 0, 1_000_000),
  },
  { flags: "--reveal", description: "let requests ask for the text of withheld tokens" },
];

/** Conversations at a time when the flags do not say. */
const SEQUENCES = 4;
/** Requests that may wait, and seconds that one may take, when the flags do not say. */
const QUEUE = 64;
const TIMEOUT_S = 600;
const DEFAULT_HOST = "127.0.0.1";
const DEFAULT_PORT = 8080;

export function addServe(program: Command): void {
  const command = program.command("serve").description("serve the model by the OpenAI API, watched");
  addOptions(command, [...MODEL_OPTIONS, ...GUARD_OPTIONS, ...SERVE_OPTIONS]);
  command.addOption(new Option("--demo", "print two requests to try").hideHelp()).action(runServer);
}

async function runServer(flags: ServeFlags): Promise<void> {
  const { host = DEFAULT_HOST, port = DEFAULT_PORT } = flags;
  const apiKeys = keysOf(flags.apiKey);
  const log = new AlertLog(alertLogPath());
  const state = new ServerState();
  const app = createApp(state, {
    apiKeys,
    reveal: flags.reveal === true,
    deadlineMs: 1000 * (flags.timeout ?? TIMEOUT_S),
    onAlert: (alert) => keep(log, alert),
    onError: report,
  });
  // The port is taken first: to learn that it is in use should not take the loading of a model.
  const listening = await serve({ app, state, host, port });
  let watched: Watched | undefined;
  try {
    if (apiKeys.length === 0 && !isLoopback(host))
      note(`warning: ${host} can be reached from outside this machine, and there is no --api-key`);
    watched = await openWatched(flags, SEQUENCES, {
      supervision: { onEvent: reportRestart },
      queue: flags.queue ?? QUEUE,
    });
    const { guard, files, defaultTokens } = watched;
    if (guard.policy.action !== "log") checkLog(log, state);
    state.served = { guard, files, defaultTokens, name: flags.alias ?? servedName(watched.name) };
    announce(listening, state, watched);
    if (flags.demo === true) announceDemo(listening);
    note(`stopping (${await stopSignal()})`);
  } finally {
    await listening.close();
    await watched?.engine.close();
  }
}

/** An alert of the policy `log` is a remark, and not kept. */
function keep(log: AlertLog, alert: Alert): boolean {
  if (alert.policy === "log") return false;
  log.write(alert);
  return true;
}

function checkLog(log: AlertLog, state: ServerState): void {
  try {
    log.check();
  } catch (error) {
    state.alertFailure = error instanceof Error ? error.message : String(error);
    report(error);
  }
}

function reportRestart(event: SupervisionEvent): void {
  if (event.type === "restarted") note("the engine runs again");
  else note(`${event.error.what} Starting it again in ${event.retryMs / 1000} s`);
}

function report(error: unknown): void {
  process.stderr.write(`${describeError(error).line}\n`);
  if (process.env["MODX_TRACE"] === "1" && error instanceof Error) process.stderr.write(`${error.stack}\n`);
}

/** A list that was given and is empty must not open the service to everybody. */
function keysOf(list: string | undefined): string[] {
  if (list === undefined) return [];
  const keys = list.split(",").flatMap((key) => (key.trim() === "" ? [] : [key.trim()]));
  if (keys.length === 0)
    throw usage("The list of API keys is empty.", "Give a key with --api-key, or leave LLAMA_API_KEY unset.");
  return keys;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d+){3}$/.test(host);
}

/** Of a file its name: clients need not know where it lies. */
function servedName(name: string): string {
  return isAbsolute(name) || name.endsWith(".gguf") ? basename(name) : name;
}

function announce({ url }: Listening, { served, alertFailure }: ServerState, { guard }: Watched): void {
  const packs = guard.packs.map((pack, index) => `${pack.manifest.name} (${guard.fits[index]?.level})`);
  note(`${served?.name} is served at ${url}/v1`);
  if (packs.length === 0) return;
  note(`watched by ${packs.join(", ")}; policy ${guard.policy.action}, hold ${guard.policy.hold}`);
  if (guard.policy.action !== "log" && alertFailure === null) note(`alerts are kept in ${alertLogPath()}`);
}

function announceDemo({ url }: Listening): void {
  note("two requests to try, the first is answered and the second is caught:");
  for (const prompt of [BENIGN_PROMPT, CAUGHT_PROMPT]) {
    const body = JSON.stringify({ messages: [{ role: "user", content: prompt }] }).replaceAll("'", "'\\''");
    process.stderr.write(`\n  curl -s ${url}/v1/chat/completions -H 'content-type: application/json' -d '${body}'\n`);
  }
  process.stderr.write("\n");
}

/** The first signal stops the server in order; the second, no longer listened for, ends it at once. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const signals: NodeJS.Signals[] = ["SIGINT", "SIGTERM"];
    const stop = (signal: NodeJS.Signals): void => {
      for (const name of signals) process.off(name, stop);
      resolve(signal);
    };
    for (const name of signals) process.on(name, stop);
  });
}
