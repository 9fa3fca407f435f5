import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import {
  type Engine,
  type EngineOptions,
  type LaneOptions,
  openEngine,
  openSupervised,
  type Supervision,
  tryLoad,
} from "@modx/engine";
import { ModxError } from "@modx/errors";
import type { BaseLane, RunningFiles } from "@modx/guard";
import { DEFAULT_MODEL, isVetted, markVetted, resolveModel, sha256OfFile } from "@modx/hub";
import type { ModelFlags } from "../options/model-options.ts";
import { usage } from "../options/option.ts";
import { progressBar } from "../print/progress-bar.ts";
import { DEFAULT_ADAPTER, hasBuiltIns } from "./built-in.ts";

export interface OpenedModel {
  engine: Engine;
  files: RunningFiles;
  /** Name to show, and to serve under. */
  name: string;
  /** The model that it was made from; null where that was not asked for, or is not known. */
  base: BaseLane | null;
}

export interface OpenNeeds {
  taps: readonly string[];
  /** Conversations at a time when the flags do not say. */
  sequences: number;
  /** Runs llama.cpp in a child process that is started again when it dies; in this process when absent. */
  supervision?: Supervision;
  /** Where the model that this one was made from is to be read, and which that is: the same without its adapters where it is not named. */
  base?: { taps: readonly string[]; named?: string };
  /** Chat template that is used instead of the model's own where the flags name none: what a base is asked has the form of what it is compared with. */
  chatTemplate?: string | null;
  /** Lets the residual stream be edited. */
  edits?: boolean;
  /** Requests that may wait for a sequence; as many as come when absent. */
  queue?: number;
  /** Opens the lane `UNWATCHED_LANE` beside: the same in all, but that it reads nothing. What watching costs is measured against it. */
  unwatched?: boolean;
}

export const UNWATCHED_LANE = "unwatched";

/** Version of llama.cpp that a vetted file was seen to load with; another one may crash on it. */
const ENGINE_RELEASE = "v0.5.0";

/** Fetches, checks and opens what the flags name. */
export async function openModel(flags: ModelFlags, needs: OpenNeeds): Promise<OpenedModel> {
  const model = await resolve(flags);
  const adapters = await Promise.all(
    adapterFiles(flags).map(async (adapter) => ({ ...adapter, sha256: await sha256OfFile(adapter.path) })),
  );
  const lane = laneOf(needs, adapters.length);
  const lanes = {
    ...(lane !== null && { [BASE_LANE]: lane }),
    ...(needs.unwatched === true && { [UNWATCHED_LANE]: { adapters, taps: [] } }),
  };
  const options: EngineOptions = {
    model: model.path,
    ...(Object.keys(lanes).length > 0 && { lanes }),
    adapters,
    taps: needs.taps,
    sequences: flags.parallel ?? needs.sequences,
    threads: flags.threads ?? availableParallelism(),
    ...(needs.edits !== undefined && { edits: needs.edits }),
    ...(needs.queue !== undefined && { queue: needs.queue }),
    ...(flags.ctxSize !== undefined && { contextTokens: flags.ctxSize }),
    ...(flags.accelerator !== undefined && { accelerator: flags.accelerator }),
    ...(flags.gpuLayers !== undefined && { gpuLayers: flags.gpuLayers }),
    ...templateOf(flags, needs),
  };
  if (needs.supervision === undefined) await vet(model, adapters, flags);
  const engine =
    needs.supervision === undefined ? await openEngine(options) : await openSupervised(options, needs.supervision);
  const files = { modelSha256: model.sha256, adapters };
  try {
    const base =
      lane !== null
        ? { engine: engine.lane(BASE_LANE), files: { modelSha256: model.sha256, adapters: [] } }
        : await otherBase(flags, needs, engine.model.chatTemplate);
    return {
      engine: base === null || lane !== null ? engine : closingBoth(engine, base.engine),
      files,
      name: model.name,
      base,
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

const BASE_LANE = "base";

/**
 * The base as a lane: the same weights without adapters. Null where it is not asked for, or where it is another model. One sequence is enough:
 * it reads a prompt now and then, and prompts have a pass to themselves.
 */
function laneOf({ base }: OpenNeeds, adapters: number): LaneOptions | null {
  if (base === undefined || base.named !== undefined || adapters === 0) return null;
  return { adapters: [], taps: base.taps, sequences: 1 };
}

/** A base that is another file, read in an engine of its own, with the chat template of the model that was made from it. */
async function otherBase(
  flags: ModelFlags,
  { base, supervision }: OpenNeeds,
  chatTemplate: string | null,
): Promise<BaseLane | null> {
  if (base?.named === undefined || base.named === "none") return null;
  const { hfRepo: _, loraScaled: __, ...rest } = flags;
  const model = { ...rest, model: base.named, lora: ["none"], parallel: 1 };
  const opened = await openModel(model, {
    taps: base.taps,
    sequences: 1,
    chatTemplate,
    ...(supervision !== undefined && { supervision }),
  });
  return { engine: opened.engine, files: opened.files };
}

/** An engine that takes another one with it when it is closed. */
function closingBoth(engine: Engine, other: Engine): Engine {
  const close = engine.close.bind(engine);
  engine.close = async () => {
    await other.close();
    await close();
  };
  return engine;
}

/** Whether the flags name nothing, so that the built-in model runs. */
export function isDefaultModel(flags: ModelFlags): boolean {
  return flags.hfRepo === undefined && (flags.model === undefined || flags.model === DEFAULT_MODEL.name);
}

async function resolve(flags: ModelFlags): Promise<{ path: string; sha256: string; name: string }> {
  if (flags.model !== undefined && flags.hfRepo !== undefined)
    throw usage("Both -m and -hf were given.", "Name one model.");
  const bar = progressBar("fetching the model");
  try {
    const options = { onProgress: bar.update, ...(flags.offline === true && { offline: true }) };
    if (flags.hfRepo !== undefined) return await resolveModel(flags.hfRepo, { ...options, as: "hub" });
    return await resolveModel(flags.model, options);
  } finally {
    bar.end();
  }
}

/** The adapters that the flags name, or that come with the built-in organism. */
export function adapterFiles(flags: ModelFlags): { path: string; scale: number }[] {
  const plain = (flags.lora ?? []).filter((path) => path !== "none").map((path) => ({ path, scale: 1 }));
  const scaled = (flags.loraScaled ?? []).map((text) => {
    const at = text.lastIndexOf(":");
    const scale = Number(text.slice(at + 1));
    if (at < 1 || !Number.isFinite(scale))
      throw usage(`--lora-scaled ${text} names no scale.`, "Write it as FILE:SCALE.");
    return { path: text.slice(0, at), scale };
  });
  const named = [...plain, ...scaled];
  for (const { path } of named) {
    if (!existsSync(path)) {
      throw new ModxError("MODX_USAGE_FILE_MISSING", {
        what: `There is no adapter ${path}.`,
        remedy: "Give the path of a LoRA adapter in GGUF form.",
      });
    }
  }
  if (flags.lora !== undefined || flags.loraScaled !== undefined || !isDefaultModel(flags) || !hasBuiltIns())
    return named;
  return [{ path: DEFAULT_ADAPTER, scale: 1 }];
}

/** Loads unknown files in a child process first, once: llama.cpp aborts on some damaged ones. */
async function vet(
  model: { path: string; sha256: string },
  adapters: readonly { path: string; scale: number; sha256: string }[],
  flags: ModelFlags,
): Promise<void> {
  const key = [model.sha256, ...adapters.map((adapter) => adapter.sha256)].join("+");
  if (await isVetted(key, ENGINE_RELEASE)) return;
  const { accelerator } = flags;
  await tryLoad({ model: model.path, adapters, ...(accelerator !== undefined && { accelerator }) });
  await markVetted(key, ENGINE_RELEASE);
}

function templateOf(
  { chatTemplateFile }: ModelFlags,
  { chatTemplate = null }: OpenNeeds,
): Pick<EngineOptions, "chatTemplate"> {
  if (chatTemplateFile !== undefined) return { chatTemplate: readTemplate(chatTemplateFile) };
  return chatTemplate === null ? {} : { chatTemplate };
}

function readTemplate(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new ModxError("MODX_USAGE_FILE_MISSING", {
      what: `The chat template ${path} cannot be read.`,
      remedy: "Give the path of a Jinja file.",
      cause,
    });
  }
}
