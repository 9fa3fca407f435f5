import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ModxError } from "@modx/errors";
import { readPack } from "@modx/pack";
import { completeShards, HEADER_FILE } from "../record/recording.ts";
import { type TrainOptions, trainPack } from "./train-pack.ts";

/** Raised when the same recordings train another draft than before: older ones are trained anew then. */
const TRAINING = 1;

/**
 * As `trainPack`, but a draft that the folder holds, trained on just this, stays: training is the longest part of a build that is not kept
 * piece by piece. The file `mark` says what the draft was trained on. Returns whether it was there.
 */
export async function trainOnce(options: TrainOptions, mark: string): Promise<boolean> {
  const of = trainedOn(options);
  if (read(mark) === `${of} ${draftIn(options.folder)}`) return true;
  await trainPack(options);
  writeFileSync(mark, `${of} ${draftIn(options.folder)}`);
  return false;
}

/** sha256 over all that a draft comes from. */
function trainedOn(options: TrainOptions): string {
  const { identity, name, rates, like, recordings, baseRecordings = [], otherRecordings = [] } = options;
  const kinds = [recordings, baseRecordings, otherRecordings];
  const hash = createHash("sha256").update(
    JSON.stringify([TRAINING, identity, name, rates, like, kinds.map((folders) => folders.length)]),
  );
  for (const folder of kinds.flat()) {
    const shards = completeShards(folder).flatMap((shard) => [`${shard}.jsonl`, `${shard}.safetensors`]);
    for (const file of [HEADER_FILE, ...shards]) hash.update(readFileSync(join(folder, file)));
  }
  return hash.digest("hex");
}

/** The hash of the pack in the folder; null where there is none that is whole. */
function draftIn(folder: string): string | null {
  try {
    return readPack(folder).sha256;
  } catch (error) {
    if (ModxError.isInstance(error)) return null;
    throw error;
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
