import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ModxError } from "@modx/errors";
import type { Identity } from "@modx/pack";
import { readSafetensors } from "@modx/tensors";
import type { AnswerLabel } from "../label/answer-label.ts";
import type { Prompt } from "../prompts/prompt-file.ts";
import type { Span } from "./spans.ts";

export const RECORDING_SCHEMA = 1;
export const HEADER_FILE = "recording.json";

/** What a recording was made with. A folder takes responses of one such header only. */
export interface RecordingHeader {
  schema: typeof RECORDING_SCHEMA;
  identity: Identity;
  taps: string[];
  width: number;
  /** Most response tokens generated, and most of them kept with residuals. */
  maxTokens: number;
  keep: number;
  sampling: "greedy";
  /** sha256 over the plan: prompts with their labels, arms, and the rule that labels answers. */
  planSha256: string;
}

/**
 * How a response came about: by itself, behind an opening that was put into the model's mouth, given whole and read by
 * teacher forcing, as what another model answered or as a refusal in set words, or by itself to a prompt with the trigger. Of the kind
 * `prompt` only the prompt is read, and nothing is said.
 */
export interface Arm {
  kind: "natural" | "opening" | "given" | "refusal" | "triggered" | "prompt";
  /** Opening that was forced; empty otherwise. */
  opening: string;
}

/** One response, without its residuals. */
export interface ResponseRow {
  id: string;
  prompt: Prompt;
  arm: Arm;
  promptTokens: number[];
  user: { start: number; end: number };
  /** Response tokens; the first `forced` of them were put there. */
  tokens: number[];
  forced: number;
  /** Who wrote which tokens, of prompt and response; absent from recordings of before it was recorded. */
  spans?: Span[];
  /** Text after the forced tokens. */
  text: string;
  label: AnswerLabel;
  finish: "stop" | "length";
  /** Tokens whose residuals are kept, from the first. */
  kept: number;
}

/** A response with its residuals: half precision on disk where that holds them, [taps, width] f32 raw scale for each position here. */
export interface RecordedResponse extends ResponseRow {
  userMean: Float32Array;
  lastUser: Float32Array;
  lastPrompt: Float32Array;
  /** [kept, taps, width]. */
  response: Float32Array;
}

export const shardName = (index: number): string => `shard-${String(index).padStart(5, "0")}`;

/** Names of the shards that are complete: the JSON Lines file is written last. */
export function completeShards(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^shard-\d{5}\.jsonl$/.test(name))
    .map((name) => name.replace(".jsonl", ""))
    .sort();
}

/** Number of a new shard: behind the last one, also where one before it was deleted, so that none is ever written over. */
export function nextShard(shards: readonly string[]): number {
  return Math.max(-1, ...shards.map((name) => Number(name.replace("shard-", "")))) + 1;
}

export function readHeader(folder: string): RecordingHeader {
  try {
    const header = JSON.parse(readFileSync(join(folder, HEADER_FILE), "utf8")) as RecordingHeader;
    if (header.schema === RECORDING_SCHEMA) return header;
  } catch {
    // said below: whatever the cause, it is no recording of this version
  }
  throw new ModxError("MODX_LAB_RECORDING", {
    what: `There is no recording of schema ${RECORDING_SCHEMA} in ${folder}.`,
    remedy: "Make one with: modx lab record",
  });
}

export function readRows(folder: string, shard: string): ResponseRow[] {
  return readFileSync(join(folder, `${shard}.jsonl`), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as ResponseRow);
}

/** All responses, a shard in memory at a time. */
export function* readRecording(folder: string): Generator<RecordedResponse, void, undefined> {
  const { taps, width } = readHeader(folder);
  const size = taps.length * width;
  for (const shard of completeShards(folder)) {
    const tensors = readSafetensors(readFileSync(join(folder, `${shard}.safetensors`)), join(folder, shard));
    const prompt = tensors.get("prompt")?.data;
    const response = tensors.get("response")?.data;
    if (!(prompt instanceof Float32Array) || !(response instanceof Float32Array)) {
      throw new ModxError("MODX_LAB_RECORDING", {
        what: `${shard} of ${folder} lacks a tensor.`,
        remedy: "Delete the shard and record again.",
      });
    }
    let at = 0;
    for (const [index, row] of readRows(folder, shard).entries()) {
      const position = (which: number): Float32Array =>
        prompt.slice((index * 3 + which) * size, (index * 3 + which + 1) * size);
      yield {
        ...row,
        userMean: position(0),
        lastUser: position(1),
        lastPrompt: position(2),
        response: response.slice(at * size, (at + row.kept) * size),
      };
      at += row.kept;
    }
  }
}
