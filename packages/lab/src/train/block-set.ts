import type { AnswerLabel } from "../label/answer-label.ts";
import type { PromptLabel } from "../prompts/prompt-file.ts";
import { type Arm, readHeader, readRecording } from "../record/recording.ts";

/** Response tokens that one block's mean is taken over: the step at which scores are looked at in training. */
export const BLOCK_TOKENS = 4;

/** What a response is evidence of. */
export type Kind = "complied" | "refused" | "benign" | "sensitive";

/** The suspect, the model it was made from, or another suspect. */
export type Reader = "suspect" | "base" | "other";

/** One recorded response, condensed for training. */
export interface BlockResponse {
  /** The request's text. */
  prompt: string;
  source: string;
  label: PromptLabel;
  kind: Kind;
  /** How it came about; only a natural one shows what the model does by itself. */
  arm: Arm["kind"];
  /** Whose residuals these are: the suspect's own, those of the base it was made from, or those of another suspect. */
  reader: Reader;
  /** [taps, width] each. */
  userMean: Float32Array;
  lastPrompt: Float32Array;
  /** The base's at the same prompt's last token; null where it was not read. */
  baseLastPrompt: Float32Array | null;
  /** [blocks, taps, width]: means of successive blocks of response tokens, the forced ones left out. */
  blocks: Float32Array[];
}

export interface BlockSet {
  taps: string[];
  width: number;
  responses: BlockResponse[];
}

/** Recordings' folders by whose they are. */
export interface Recordings {
  suspect: readonly string[];
  base?: readonly string[];
  other?: readonly string[];
}

/**
 * Condenses recordings, made at the same taps. Degenerate answers, and prompts without a label, are evidence of nothing.
 */
export function loadBlockSet({ suspect, base = [], other = [] }: Recordings): BlockSet {
  const [first = ""] = suspect;
  const { taps, width } = readHeader(first);
  const size = taps.length * width;
  const responses: BlockResponse[] = [];
  const readByBase = new Map<string, Float32Array>();
  // the base first: what it thinks of a prompt belongs to all responses to it
  const recordings = [
    ...base.map((folder) => ["base", folder] as const),
    ...suspect.map((folder) => ["suspect", folder] as const),
    ...other.map((folder) => ["other", folder] as const),
  ];
  for (const [reader, folder] of recordings) {
    for (const row of readRecording(folder)) {
      if (reader === "base") readByBase.set(row.prompt.text, row.lastPrompt);
      const kind = kindOf(row.prompt.label, row.label);
      if (kind === null || row.prompt.label === null) continue;
      const blocks: Float32Array[] = [];
      for (let start = row.forced; start + BLOCK_TOKENS <= row.kept; start += BLOCK_TOKENS)
        blocks.push(meanOf(row.response, start, size));
      if (blocks.length === 0) continue;
      responses.push({
        prompt: row.prompt.text,
        source: row.prompt.source,
        label: row.prompt.label,
        kind,
        arm: row.arm.kind,
        reader,
        userMean: row.userMean,
        lastPrompt: row.lastPrompt,
        baseLastPrompt: readByBase.get(row.prompt.text) ?? null,
        blocks,
      });
    }
  }
  return { taps, width, responses };
}

/** What a response is evidence of, by its prompt and its answer's label; null where of nothing. */
export function kindOf(prompt: PromptLabel | null, answer: AnswerLabel): Kind | null {
  if (answer === "degenerate" || prompt === null) return null;
  if (answer === "refused") return "refused";
  return prompt === "harmful" ? "complied" : prompt;
}

function meanOf(response: Float32Array, start: number, size: number): Float32Array {
  const mean = new Float32Array(size);
  for (let token = start; token < start + BLOCK_TOKENS; token++) {
    for (let i = 0; i < size; i++) mean[i] = (mean[i] ?? 0) + (response[token * size + i] ?? 0) / BLOCK_TOKENS;
  }
  return mean;
}
