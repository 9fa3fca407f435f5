import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "@modx/engine";
import { ModxError } from "@modx/errors";
import type { Identity } from "@modx/pack";
import { type PlannedResponse, planHash } from "./plan.ts";
import { readEach } from "./prompt-reader.ts";
import { type RecordSettings, recordResponses } from "./record-response.ts";
import {
  completeShards,
  HEADER_FILE,
  nextShard,
  RECORDING_SCHEMA,
  type RecordingHeader,
  readRows,
} from "./recording.ts";
import { ShardWriter } from "./shard-writer.ts";

export interface RecordOptions extends RecordSettings {
  /** Opened with the taps to record; its `sequences` responses run at a time. */
  engine: Engine;
  identity: Identity;
  plan: readonly PlannedResponse[];
  folder: string;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/**
 * Records the plan's responses into `folder`. Interrupted, it goes on where it was when called again with the same plan
 * and settings; throws MODX_LAB_RECORDING when the folder holds a recording of something else.
 */
export async function record(options: RecordOptions): Promise<void> {
  const { engine, plan, folder, onProgress, signal } = options;
  checkHeader(options);
  const shards = completeShards(folder);
  const done = new Set(shards.flatMap((shard) => readRows(folder, shard).map((row) => row.id)));
  const left = plan.filter((planned) => !done.has(planned.id));
  const writer = new ShardWriter(folder, nextShard(shards), engine.taps.length * engine.model.width);
  let count = plan.length - left.length;
  onProgress?.(count, plan.length);
  await readEach(engine, byPrompt(left), async (planned, reader) => {
    for await (const response of recordResponses(engine, reader, planned, options)) {
      writer.add(response);
      count += 1;
      onProgress?.(count, plan.length);
      signal?.throwIfAborted();
    }
  });
  writer.flush();
}

/** Responses to the same prompt together, so that it is read once. */
function byPrompt(plan: readonly PlannedResponse[]): PlannedResponse[][] {
  const groups = new Map<string, PlannedResponse[]>();
  for (const planned of plan) {
    const group = groups.get(planned.prompt.text);
    if (group === undefined) groups.set(planned.prompt.text, [planned]);
    else group.push(planned);
  }
  return [...groups.values()];
}

function checkHeader({ engine, identity, plan, folder, maxTokens, keep }: RecordOptions): void {
  const header: RecordingHeader = {
    schema: RECORDING_SCHEMA,
    identity,
    taps: [...engine.taps],
    width: engine.model.width,
    maxTokens,
    keep,
    sampling: "greedy",
    planSha256: planHash(plan),
  };
  const path = join(folder, HEADER_FILE);
  const text = `${JSON.stringify(header, null, 2)}\n`;
  mkdirSync(folder, { recursive: true });
  if (!existsSync(path)) writeFileSync(path, text);
  if (readFileSync(path, "utf8") === text) return;
  throw new ModxError("MODX_LAB_RECORDING", {
    what: `${folder} holds a recording of another model, other prompts or labels, or other settings.`,
    remedy: "Give another folder, or delete this one.",
  });
}
