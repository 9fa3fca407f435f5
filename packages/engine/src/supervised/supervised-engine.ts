import { ModxError } from "@modx/errors";
import type { Decoded, DecodeOptions, Engine, EngineProperties, Sequence, SequenceRequest } from "../engine.ts";
import type { EngineOptions } from "../in-process-engine.ts";
import type { ModelFacts } from "../model/model-facts.ts";
import type { ChatMessage } from "../prompt/chat-message.ts";
import type { ChatPrompt } from "../prompt/chat-prompt.ts";
import { TokenText } from "../prompt/token-text.ts";
import { Vocabulary } from "../prompt/vocabulary.ts";
import type { Dictionary } from "../readout/dictionary.ts";
import type { Readout } from "../readout/readout.ts";
import { checkSampling } from "../sampling/sampling.ts";
import type { TapName } from "../taps/tap-name.ts";
import { EngineProcess, type Heartbeat } from "./engine-process.ts";
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

/**
 * Opens a model in a child process that is started again when it dies: an assertion that llama.cpp violates costs the requests in
 * flight, which end with MODX_ENGINE_CRASHED, and nothing else. Throws what opening throws.
 */
export async function openSupervised(options: EngineOptions, supervision: Supervision = {}): Promise<SupervisedEngine> {
  const first = await begin(options, supervision);
  return new SupervisedEngine(options, supervision, first);
}

interface Running {
  process: EngineProcess;
  opened: Opened;
}

async function begin(options: EngineOptions, { heartbeat = HEARTBEAT }: Supervision): Promise<Running> {
  const process = new EngineProcess(heartbeat);
  try {
    return { process, opened: await process.ask("open", options) };
  } catch (error) {
    process.kill();
    if (!ModxError.isInstance(error) || error.code !== "MODX_ENGINE_CRASHED") throw error;
    const names = [options.model, ...(options.adapters ?? []).map(({ path }) => path)].join(" with ");
    throw new ModxError("MODX_ENGINE_MODEL_REFUSED", {
      what: `llama.cpp crashed while it loaded ${names}. ${error.what}`,
      remedy: "The file is damaged, or made for another version of llama.cpp: get it again.",
      cause: error,
    });
  }
}

export class SupervisedEngine implements Engine {
  readonly model: ModelFacts;
  readonly properties: EngineProperties;
  readonly taps: readonly TapName[];
  rowNames: readonly string[] = [];
  private readonly options: EngineOptions;
  private readonly supervision: Supervision;
  private readonly vocabulary: Vocabulary;
  private bound: Bound | null = null;
  private current: Promise<EngineProcess>;
  private sequences = 0;
  private closed = false;
  private retryMs = RETRY_MS.first;

  constructor(options: EngineOptions, supervision: Supervision, { process, opened }: Running) {
    this.options = options;
    this.supervision = supervision;
    this.model = opened.model;
    this.properties = opened.properties;
    this.taps = opened.taps as readonly TapName[];
    this.vocabulary = new Vocabulary(opened.vocabulary);
    this.current = Promise.resolve(process);
    this.watch(process);
  }

  async tokenize(text: string): Promise<Int32Array> {
    return (await this.running()).ask("tokenize", text);
  }

  async prompt(messages: readonly ChatMessage[]): Promise<ChatPrompt> {
    return (await this.running()).ask("prompt", messages);
  }

  text(): TokenText {
    return new TokenText((token) => this.vocabulary.piece(token));
  }

  isEnd(token: number): boolean {
    return this.vocabulary.isEnd(token);
  }

  async bind(readouts: readonly Readout[], dictionaries: readonly Dictionary[] = []): Promise<void> {
    const bound = { readouts, dictionaries };
    this.rowNames = await (await this.running()).ask("bind", bound);
    this.bound = bound;
  }

  async start({ maxTokens, sampling, signal }: SequenceRequest): Promise<Sequence> {
    if (sampling !== undefined) checkSampling(sampling, this.model.vocabularySize);
    signal?.throwIfAborted();
    const process = await this.running();
    const sequence = ++this.sequences;
    const leave = (): void => void process.ask("end", sequence).catch(() => undefined);
    signal?.addEventListener("abort", leave, { once: true });
    try {
      await process.ask("start", { sequence, maxTokens, ...(sampling !== undefined && { sampling }) });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", leave);
    }
    return new SupervisedSequence(process, sequence);
  }

  /** Process id of the child that runs now. */
  async pid(): Promise<number | undefined> {
    return (await this.running()).pid;
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

  /** The process that runs; one that is being started is waited for, but not for ever. */
  private running(): Promise<EngineProcess> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(startingError()), PATIENCE_MS);
    });
    return Promise.race([this.current, patience]).finally(() => clearTimeout(timer));
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

  private async again(error: ModxError): Promise<EngineProcess> {
    for (;;) {
      this.supervision.onEvent?.({ type: "ended", error, retryMs: this.retryMs });
      await new Promise((resolve) => setTimeout(resolve, this.retryMs));
      this.retryMs = Math.min(2 * this.retryMs, RETRY_MS.most);
      if (this.closed) throw closedError();
      try {
        const { process } = await begin(this.options, this.supervision);
        if (this.bound !== null) await process.ask("bind", this.bound);
        this.watch(process);
        this.supervision.onEvent?.({ type: "restarted" });
        return process;
      } catch (cause) {
        error = ModxError.isInstance(cause) ? cause : error;
      }
    }
  }
}

class SupervisedSequence implements Sequence {
  length = 0;
  private open = true;
  private readonly process: EngineProcess;
  private readonly sequence: number;

  constructor(process: EngineProcess, sequence: number) {
    this.process = process;
    this.sequence = sequence;
  }

  async decode(tokens: Int32Array, options: DecodeOptions = {}): Promise<Decoded> {
    this.checkOpen();
    const decoded = await this.process.ask("decode", { sequence: this.sequence, tokens, options });
    this.length += tokens.length;
    return decoded;
  }

  async rewind(length: number): Promise<boolean> {
    this.checkOpen();
    const removed = await this.process.ask("rewind", { sequence: this.sequence, length });
    if (removed) this.length = length;
    return removed;
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.process.ask("end", this.sequence).catch(() => undefined);
  }

  private checkOpen(): void {
    if (!this.open)
      throw new ModxError("MODX_ENGINE_DISPOSED", { what: "The sequence was closed.", remedy: "Start a new one." });
  }
}

function startingError(): ModxError {
  return new ModxError("MODX_ENGINE_CRASHED", {
    what: "The engine's process ended, and has not come up again.",
    remedy: "Send the request again later; the server's log says why it ended.",
  });
}

function closedError(): ModxError {
  return new ModxError("MODX_ENGINE_DISPOSED", { what: "The engine was closed.", remedy: "Open it again." });
}
