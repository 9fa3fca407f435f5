import { availableParallelism } from "node:os";
import { ModxError } from "@modx/errors";
import type { Engine, EngineProperties, Sequence, SequenceRequest } from "./engine.ts";
import { contextOf } from "./model/learned-positions.ts";
import { type ModelFacts, readModelFacts } from "./model/model-facts.ts";
import type { Accelerator } from "./native/libraries.ts";
import { loadAddon } from "./native/load-addon.ts";
import { fromNative } from "./native/native-error.ts";
import type { Addon, NativeContext, NativeModel, NativeSampler, NativeSampling } from "./native/surface.ts";
import type { ChatMessage } from "./prompt/chat-message.ts";
import { assemblePrompt, type ChatPrompt } from "./prompt/chat-prompt.ts";
import { ChatTemplate } from "./prompt/chat-template.ts";
import { TokenText } from "./prompt/token-text.ts";
import { type PieceTable, readPieceTable } from "./prompt/vocabulary.ts";
import { type Dictionary, layOutDictionaries } from "./readout/dictionary.ts";
import { layOut, type Readout } from "./readout/readout.ts";
import { fitsSingle } from "./readout/single.ts";
import { checkSampling } from "./sampling/sampling.ts";
import { Admission } from "./step/admission.ts";
import { InProcessSequence } from "./step/in-process-sequence.ts";
import { noLane } from "./step/no-lane.ts";
import { PromptCache } from "./step/prompt-cache.ts";
import { StepLoop } from "./step/step-loop.ts";
import { type TapName, tapLayer } from "./taps/tap-name.ts";
import { readAsGraphNode } from "./taps/tap-source.ts";

export interface AdapterFile {
  path: string;
  /** Factor on the adapter's change of the weights. Defaults to 1. */
  scale?: number;
}

/** What each lane has for itself. */
export interface LaneOptions {
  adapters?: readonly AdapterFile[];
  /** Where the residual stream is read; fixed for the engine's life. Defaults to none. */
  taps?: readonly string[];
  /** Most tokens of one sequence, prompt and response together. Defaults to 4096; fewer where the model has fewer positions. */
  contextTokens?: number;
  /** Sequences that can be open at a time. Defaults to 1. */
  sequences?: number;
}

export interface EngineOptions extends LaneOptions {
  /** A GGUF file; of a split model, its first part. */
  model: string;
  /** Other lanes over the same weights, by name. Lanes take turns: no step mixes them. */
  lanes?: Readonly<Record<string, LaneOptions>>;
  /** Whether sequences may be edited. Defaults to false: a callback then goes through every node of every pass. */
  edits?: boolean;
  /** Requests that may wait for a sequence; more are turned away. Defaults to as many as come, as it is in other lanes. */
  queue?: number;
  /** Most tokens in one pass. Defaults to 512. */
  batchTokens?: number;
  /** Defaults to the processors that this process may use. */
  threads?: number;
  /** Defaults to `auto`: the best that is installed. */
  accelerator?: Accelerator;
  /** Layers on the accelerator. Defaults to all where there is one. */
  gpuLayers?: number;
  /** A chat template instead of the model's own. */
  chatTemplate?: string;
}

/** More than any model has. */
const ALL_LAYERS = 999;

/** Opens a model in this process. A violated assertion inside llama.cpp ends the process: check unknown files first. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const addon = loadAddon(options.accelerator);
  try {
    return await InProcessEngine.open(addon, options);
  } catch (error) {
    throw fromNative(error);
  }
}

export class InProcessEngine implements Engine {
  readonly model: ModelFacts;
  readonly properties: EngineProperties;
  readonly taps: readonly TapName[];
  rowNames: readonly string[] = [];
  /** How often rows were bound. */
  private bindings = 0;
  private readonly addon: Addon;
  private readonly native: NativeModel;
  private readonly context: NativeContext;
  private readonly loop: StepLoop;
  private readonly admission: Admission;
  private readonly cache = new PromptCache();
  private readonly template: ChatTemplate | undefined;
  private readonly begin: number | null;

  /** Null in a lane that is one of them itself. */
  private readonly others: Lanes | null;

  private constructor(
    { addon, native, model, options, chatTemplate }: Shared,
    context: NativeContext,
    others: Lanes | null,
  ) {
    const limits = context.limits();
    const facts = native.facts();
    this.addon = addon;
    this.native = native;
    this.context = context;
    this.model = model;
    this.others = others;
    this.properties = {
      readings: "per-token",
      device: limits.offloaded ? (addon.devices()[0]?.description ?? "accelerator") : "CPU",
      sequences: limits.sequences,
      contextTokens: contextOf(model, limits.tokens),
      kvType: limits.kvType,
      rewinds: limits.rewinds,
      edits: options.edits ?? false,
    };
    this.taps = (options.taps ?? []) as readonly TapName[];
    const { batch, together } = limits;
    this.loop = new StepLoop(context, { taps: this.taps.length, width: model.width, batch, together });
    this.admission = new Admission(limits.sequences, this.properties.contextTokens, options.queue);
    const source = chatTemplate ?? facts.chatTemplate;
    this.template =
      source === null ? undefined : new ChatTemplate(source, { begin: facts.beginText, end: facts.endText });
    this.begin = facts.addsBegin ? facts.beginToken : null;
  }

  static async open(addon: Addon, options: EngineOptions): Promise<InProcessEngine> {
    const { lanes = {}, chatTemplate, ...own } = options;
    // the queue is for requests from outside: what another lane is asked meanwhile was let in already
    const { queue: _, ...rest } = own;
    for (const lane of [own, ...Object.values(lanes)]) checkSizes({ ...own, ...lane });
    const device = deviceOf(addon, options.accelerator);
    const gpuLayers = device === null ? 0 : (options.gpuLayers ?? ALL_LAYERS);
    const native = await addon.Model.load(options.model, { gpuLayers });
    const others = new Map<string, InProcessEngine>();
    try {
      const model = readModelFacts(native, addon.version(), chatTemplate);
      if (!native.facts().decodes) {
        throw new ModxError("MODX_ENGINE_ARCHITECTURE", {
          what: `${model.name} is not a decoder-only language model.`,
          remedy: "Use a model that generates text.",
        });
      }
      const shared = { addon, native, model, chatTemplate };
      for (const [name, lane] of Object.entries(lanes)) {
        const laneOptions = { ...rest, adapters: [], taps: [], ...lane };
        const context = await openContext(shared, laneOptions);
        others.set(name, new InProcessEngine({ ...shared, options: laneOptions }, context, null));
      }
      return new InProcessEngine({ ...shared, options: own }, await openContext(shared, own), others);
    } catch (error) {
      for (const lane of others.values()) await lane.closeContext();
      native.dispose();
      throw error;
    }
  }

  get lanes(): readonly string[] {
    return [...(this.others?.keys() ?? [])];
  }

  lane(name: string): InProcessEngine {
    const lane = this.others?.get(name);
    if (lane !== undefined) return lane;
    throw noLane(name, this.lanes);
  }

  async tokenize(text: string): Promise<Int32Array> {
    return this.tokenizeNative(text, false);
  }

  async prompt(messages: readonly ChatMessage[]): Promise<ChatPrompt> {
    if (this.template === undefined) {
      throw new ModxError("MODX_ENGINE_TEMPLATE", {
        what: `${this.model.name} has no chat template.`,
        remedy: "Give one with --chat-template-file.",
      });
    }
    return assemblePrompt(
      this.template.parts(messages),
      (text, special) => this.tokenizeNative(text, special),
      this.begin,
    );
  }

  text(): TokenText {
    return new TokenText((token) => this.native.piece(token));
  }

  isEnd(token: number): boolean {
    return this.native.isEnd(token);
  }

  /** The bytes of all tokens, for whoever turns tokens into text elsewhere. */
  pieceTable(): PieceTable {
    return readPieceTable(this.model.vocabularySize, this.native);
  }

  async bind(readouts: readonly Readout[], dictionaries: readonly Dictionary[] = []): Promise<void> {
    const rows = layOut(readouts, this.taps, this.model.width);
    const whole = layOutDictionaries(dictionaries, this.taps, this.model.width);
    await this.loop.whileIdle(() => {
      this.context.bind(rows.weights, rows.bias, rows.taps, whole);
      // readings of other rows are of no use
      this.cache.clear();
      this.bindings += 1;
    });
    this.rowNames = rows.names;
  }

  async start({ maxTokens, prefix, sampling = {}, edits, signal }: SequenceRequest): Promise<Sequence> {
    const checked = checkSampling(sampling, this.model.vocabularySize);
    const sampler = this.sampler(checked);
    const reservation = await this.admission
      .reserve(maxTokens, signal, (free) => this.cache.best(free, edits === undefined ? (prefix ?? null) : null))
      .catch((error: unknown) => {
        sampler.dispose();
        throw error;
      });
    const sequence = new InProcessSequence({
      model: this.model,
      edits: this.properties.edits,
      cache: this.cache,
      bindings: () => this.bindings,
      loop: this.loop,
      context: this.context,
      reservation,
      sampler,
      alternatives: checked.alternatives < 0 ? null : checked.alternatives,
      maxTokens,
    });
    if (edits !== undefined) {
      try {
        await sequence.edit(edits);
        signal?.throwIfAborted();
      } catch (error) {
        sequence.close();
        throw error;
      }
    }
    return sequence;
  }

  /** Closes all lanes; a lane by itself stays open as long as they. */
  async close(): Promise<void> {
    if (this.others === null) return;
    for (const lane of this.others.values()) await lane.closeContext();
    await this.closeContext();
    this.native.dispose();
  }

  /** How long the pass that runs has been running, the longest of all lanes'; 0 where none does. */
  passMs(): number {
    return Math.max(this.loop.passMs(), ...[...(this.others?.values() ?? [])].map((lane) => lane.loop.passMs()));
  }

  private closeContext(): Promise<void> {
    return this.loop.close(() => this.context.dispose());
  }

  private sampler(sampling: NativeSampling): NativeSampler {
    try {
      return new this.addon.Sampler(this.native, sampling);
    } catch (error) {
      throw fromNative(error);
    }
  }

  private tokenizeNative(text: string, special: boolean): Int32Array {
    try {
      return this.native.tokenize(text, special);
    } catch (error) {
      throw fromNative(error);
    }
  }
}

/** What all lanes of one model share, and what one has for itself. */
interface Shared {
  addon: Addon;
  native: NativeModel;
  model: ModelFacts;
  options: Omit<EngineOptions, "lanes" | "chatTemplate">;
  chatTemplate: string | undefined;
}

type Lanes = ReadonlyMap<string, InProcessEngine>;

async function openContext(
  { addon, native, model }: Omit<Shared, "options">,
  options: Shared["options"],
): Promise<NativeContext> {
  const taps = (options.taps ?? []).map((tap) => {
    const layer = tapLayer(tap, model.layers);
    return { layer, graphNode: readAsGraphNode(model.architecture, layer, model.layers) };
  });
  const adapters = [];
  for (const { path, scale = 1 } of options.adapters ?? []) {
    if (!fitsSingle(scale))
      throw new ModxError("MODX_USAGE", { what: `The scale of ${path} is ${scale}.`, remedy: "Give a number." });
    adapters.push({ adapter: await addon.Adapter.load(native, path), scale });
  }
  const { tokens, batch, sequences, threads } = sizesOf(options);
  return addon.Context.create(native, {
    tokens: contextOf(model, tokens),
    batch,
    sequences,
    threads,
    taps,
    adapters,
    edits: options.edits ?? false,
  });
}

function sizesOf({ contextTokens, batchTokens, sequences, threads }: Shared["options"]): {
  tokens: number;
  batch: number;
  sequences: number;
  threads: number;
} {
  return {
    tokens: contextTokens ?? 4096,
    batch: batchTokens ?? 512,
    sequences: sequences ?? 1,
    threads: threads ?? availableParallelism(),
  };
}

function checkSizes(options: Shared["options"]): void {
  const { tokens, batch, sequences, threads } = sizesOf(options);
  for (const [name, value, most] of [
    ["context size", tokens, 2 ** 24],
    ["number of sequences", sequences, 256],
    ["batch size", batch, 2 ** 16],
    ["number of threads", threads, 512],
  ] as const) {
    if (Number.isInteger(value) && value >= 1 && value <= most) continue;
    throw new ModxError("MODX_USAGE", {
      what: `The ${name} is ${value}.`,
      remedy: `Give a whole number from 1 to ${most}.`,
    });
  }
}

/** The accelerator that is to be used; null where none is there, or wanted. */
function deviceOf(addon: Addon, wanted: Accelerator = "auto"): { description: string } | null {
  const [device = null] = wanted === "cpu" ? [] : addon.devices();
  if (device === null && wanted !== "auto" && wanted !== "cpu") {
    throw new ModxError("MODX_ENGINE_ACCELERATOR", {
      what: `llama.cpp finds no device for ${wanted} on this machine.`,
      remedy: "Check the driver, or use --accelerator cpu.",
    });
  }
  return device;
}
