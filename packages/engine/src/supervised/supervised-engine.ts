import type { Engine, EngineProperties, Sequence, SequenceRequest } from "../engine.ts";
import type { EngineOptions } from "../in-process-engine.ts";
import type { ModelFacts } from "../model/model-facts.ts";
import type { ChatMessage } from "../prompt/chat-message.ts";
import type { ChatPrompt } from "../prompt/chat-prompt.ts";
import { TokenText } from "../prompt/token-text.ts";
import { Vocabulary } from "../prompt/vocabulary.ts";
import type { Dictionary } from "../readout/dictionary.ts";
import type { Readout } from "../readout/readout.ts";
import { checkSampling } from "../sampling/sampling.ts";
import { noLane } from "../step/no-lane.ts";
import type { TapName } from "../taps/tap-name.ts";
import type { Opened, OpenedLane } from "./messages.ts";
import { SupervisedSequence } from "./supervised-sequence.ts";
import { begin, type Supervision, Supervisor } from "./supervisor.ts";

/**
 * Opens a model in a child process that is started again when it dies: an assertion that llama.cpp violates costs the requests in
 * flight, which end with MODX_ENGINE_CRASHED, and nothing else. Throws what opening throws.
 */
export async function openSupervised(options: EngineOptions, supervision: Supervision = {}): Promise<SupervisedEngine> {
  const running = await begin(options, supervision);
  return new SupervisedEngine(new Supervisor(options, supervision, running), running.opened, null);
}

export class SupervisedEngine implements Engine {
  readonly model: ModelFacts;
  readonly properties: EngineProperties;
  readonly taps: readonly TapName[];
  rowNames: readonly string[] = [];
  private readonly supervisor: Supervisor;
  private readonly vocabulary: Vocabulary;
  private readonly name: string | null;
  private readonly others: ReadonlyMap<string, SupervisedEngine>;

  constructor(supervisor: Supervisor, opened: Opened, name: string | null) {
    const own: OpenedLane = name === null ? opened : (opened.lanes[name] ?? opened);
    this.supervisor = supervisor;
    this.name = name;
    this.model = opened.model;
    this.properties = own.properties;
    this.taps = own.taps as readonly TapName[];
    this.vocabulary = new Vocabulary(opened.vocabulary);
    const lanes = name === null ? Object.keys(opened.lanes) : [];
    this.others = new Map(lanes.map((lane) => [lane, new SupervisedEngine(supervisor, opened, lane)]));
  }

  get lanes(): readonly string[] {
    return [...this.others.keys()];
  }

  lane(name: string): SupervisedEngine {
    const lane = this.others.get(name);
    if (lane !== undefined) return lane;
    throw noLane(name, this.lanes);
  }

  async tokenize(text: string): Promise<Int32Array> {
    return (await this.supervisor.running()).ask("tokenize", text, this.name);
  }

  async prompt(messages: readonly ChatMessage[]): Promise<ChatPrompt> {
    return (await this.supervisor.running()).ask("prompt", messages, this.name);
  }

  text(): TokenText {
    return new TokenText((token) => this.vocabulary.piece(token));
  }

  isEnd(token: number): boolean {
    return this.vocabulary.isEnd(token);
  }

  async bind(readouts: readonly Readout[], dictionaries: readonly Dictionary[] = []): Promise<void> {
    this.rowNames = await this.supervisor.bind(this.name, { readouts, dictionaries });
  }

  async start({ maxTokens, prefix, sampling, edits, signal }: SequenceRequest): Promise<Sequence> {
    if (sampling !== undefined) checkSampling(sampling, this.model.vocabularySize);
    const process = await this.supervisor.running();
    // it may have aborted meanwhile, and would not do so again
    signal?.throwIfAborted();
    const sequence = this.supervisor.nextSequence();
    const leave = (): void => void process.ask("end", sequence).catch(() => undefined);
    signal?.addEventListener("abort", leave, { once: true });
    try {
      const more = {
        ...(prefix !== undefined && { prefix }),
        ...(sampling !== undefined && { sampling }),
        ...(edits !== undefined && { edits }),
      };
      await process.ask("start", { sequence, maxTokens, ...more }, this.name);
      // it had begun when the signal came, and was ended
      signal?.throwIfAborted();
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
    return (await this.supervisor.running()).pid;
  }

  /** Closes all lanes; a lane by itself stays open as long as they. */
  async close(): Promise<void> {
    if (this.name === null) await this.supervisor.close();
  }
}
