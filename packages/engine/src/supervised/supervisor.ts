import { isDeepStrictEqual } from "node:util";
import { ModxError } from "@modx/errors";
import type { EngineOptions } from "../in-process-engine.ts";
import { EngineProcess } from "./engine-process.ts";
import type { Heartbeat } from "./heart.ts";
import type { Bound, Opened } from "./messages.ts";

/** How an engine is kept alive. */
export interface Supervision {
  heartbeat?: Heartbeat;
  /** Told when the process has ended, and when another runs in its place. */
  onEvent?: (event: SupervisionEvent) => void;
}

export type SupervisionEvent = { type: "ended"; error: ModxError; retryMs: number } | { type: "restarted" };

const HEARTBEAT: Heartbeat = { everyMs: 2_000, patienceMs: 20_000 };
/** Waits before the next start: this long at first, twice as long each time, until a process has lived for a while. */
const RETRY_MS = { first: 200, most: 30_000 };
const HEALTHY_MS = 60_000;
/** How long a request waits for a process that is being started. */
const PATIENCE_MS = 15_000;

export interface Running {
  process: EngineProcess;
  opened: Opened;
}

/** Starts a process and opens the engine in it. Throws what opening throws; a crash there is the file's. */
export async function begin(options: EngineOptions, { heartbeat = HEARTBEAT }: Supervision): Promise<Running> {
  const process = new EngineProcess(heartbeat);
  try {
    return { process, opened: await process.ask("open", options) };
  } catch (error) {
    process.kill();
    if (!ModxError.isInstance(error) || error.code !== "MODX_ENGINE_CRASHED") throw error;
    const lanes = [options, ...Object.values(options.lanes ?? {})];
    const files = [options.model, ...lanes.flatMap(({ adapters = [] }) => adapters.map(({ path }) => path))];
    throw new ModxError("MODX_ENGINE_MODEL_REFUSED", {
      what: `llama.cpp crashed while it loaded ${files.join(" with ")}. ${error.what}`,
      remedy: "The file is damaged, or made for another version of llama.cpp: get it again.",
      cause: error,
    });
  }
}

/** Keeps a process running, and gives each new one the rows that its lanes had bound. */
export class Supervisor {
  private readonly options: EngineOptions;
  private readonly supervision: Supervision;
  private readonly bound = new Map<string | null, Bound>();
  /** What the first process opened: whoever holds the engine goes by it. */
  private readonly opened: Opened;
  private current: Promise<EngineProcess>;
  private failure: ModxError | null = null;
  private sequences = 0;
  private closed = false;
  private retryMs = RETRY_MS.first;

  constructor(options: EngineOptions, supervision: Supervision, { process, opened }: Running) {
    this.options = options;
    this.supervision = supervision;
    this.opened = opened;
    this.current = Promise.resolve(process);
    this.watch(process);
  }

  /** The process that runs; one that is being started is waited for, but not for ever. */
  running(): Promise<EngineProcess> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(startingError(this.failure)), PATIENCE_MS);
    });
    return Promise.race([this.current, patience]).finally(() => clearTimeout(timer));
  }

  /** A number that no other sequence has, in whatever lane and process. */
  nextSequence(): number {
    return ++this.sequences;
  }

  async bind(lane: string | null, bound: Bound): Promise<readonly string[]> {
    const names = await (await this.running()).ask("bind", bound, lane);
    this.bound.set(lane, bound);
    return names;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    const process = await this.current.catch(() => null);
    if (process === null) return;
    await process.ask("close", null).catch(() => undefined);
    process.kill();
    await process.ended;
  }

  /** Starts another process when this one ends, unless it was meant to. */
  private watch(process: EngineProcess): void {
    const born = Date.now();
    void process.ended.then((error) => {
      if (this.closed) return;
      if (Date.now() - born > HEALTHY_MS) this.retryMs = RETRY_MS.first;
      this.current = this.again(error);
      // whoever asks meanwhile gets the failure; nobody may have asked
      this.current.catch(() => undefined);
    });
  }

  private async again(cause: ModxError): Promise<EngineProcess> {
    let error = cause;
    for (;;) {
      this.supervision.onEvent?.({ type: "ended", error, retryMs: this.retryMs });
      await new Promise((resolve) => setTimeout(resolve, this.retryMs));
      this.retryMs = Math.min(2 * this.retryMs, RETRY_MS.most);
      if (this.closed) throw closedError();
      try {
        const process = await this.beginAgain();
        this.failure = null;
        this.watch(process);
        this.supervision.onEvent?.({ type: "restarted" });
        return process;
      } catch (failure) {
        if (!ModxError.isInstance(failure)) continue;
        error = failure;
        this.failure = failure;
      }
    }
  }

  /** Another process that serves what the first one did; leaves none behind where it cannot. */
  private async beginAgain(): Promise<EngineProcess> {
    const { process, opened } = await begin(this.options, this.supervision);
    try {
      if (!isDeepStrictEqual(opened, this.opened)) throw changedError(this.opened, opened);
      for (const [lane, bound] of this.bound) await process.ask("bind", bound, lane);
      return process;
    } catch (error) {
      process.kill();
      throw error;
    }
  }
}

function startingError(failure: ModxError | null): ModxError {
  return new ModxError("MODX_ENGINE_CRASHED", {
    what: `The engine's process ended, and has not come up again${failure === null ? "." : `: ${failure.what}`}`,
    remedy: "Send the request again later; the server's log says why it ended.",
  });
}

function changedError(first: Opened, now: Opened): ModxError {
  const files = first.model.name === now.model.name ? first.model.name : `${first.model.name}, now ${now.model.name}`;
  return new ModxError("MODX_ENGINE_MODEL_REFUSED", {
    what: `What is opened is no longer what was (${files}): the file, or the device that computes, has changed.`,
    remedy: "Start the engine anew, so that everything is checked against the new file; or put the old one back.",
  });
}

function closedError(): ModxError {
  return new ModxError("MODX_ENGINE_DISPOSED", { what: "The engine was closed.", remedy: "Open it again." });
}
