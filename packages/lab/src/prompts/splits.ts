import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ModxError } from "@modx/errors";
import { z } from "zod";
import { readJsonFile } from "../files/json-file.ts";
import { nearRepeats } from "./near-repeats.ts";
import { type Prompt, readPromptFile, withUniqueIds } from "./prompt-file.ts";
import { sortTraffic, type Traffic } from "./traffic.ts";

/** What prompts are for, the strictest last: what is tested on was never seen by anything before. */
export const ROLES = ["organism", "probe", "calibration", "test"] as const;
export type Role = (typeof ROLES)[number];

const file = z.union([
  z.string().transform((path) => ({ path, source: undefined })),
  /** `source` replaces what the file's lines say. */
  z.strictObject({ path: z.string(), source: z.string().optional() }),
]);

const schema = z.strictObject({
  schema: z.literal(1),
  /** Prompt files, seen from the folder that the splits lie in. */
  files: z.array(file).min(1),
  /** Each source has one role at most; one that has none is left out. */
  roles: z.strictObject({
    organism: z.array(z.string()).default([]),
    probe: z.array(z.string()),
    calibration: z.array(z.string()),
    test: z.array(z.string()),
  }),
});

/** A prompt that was left out of its role because a stricter role holds nearly the same. */
export interface Dropped {
  role: Role;
  prompt: Prompt;
  of: Prompt;
  similarity: number;
}

export interface Splits {
  roles: Record<Role, Traffic>;
  dropped: Dropped[];
  /** Prompt files that are not here. */
  missing: string[];
}

/**
 * Reads prompts and gives each whole source its role. No text stands in two roles, nor one that is nearly the same
 * (`nearRepeats`): the less strict role loses it. Throws MODX_USAGE_SPLITS, MODX_USAGE_PROMPTS.
 */
export function readSplits(path: string): Splits {
  const { files, roles } = parse(path);
  const found = files.map((entry) => ({ ...entry, path: resolve(dirname(path), entry.path) }));
  const missing = found.filter((entry) => !existsSync(entry.path)).map((entry) => entry.path);
  const prompts = found
    .filter((entry) => existsSync(entry.path))
    .flatMap(({ path, source }) =>
      readPromptFile(path).map((prompt) => (source === undefined ? prompt : { ...prompt, source })),
    );
  if (missing.length === 0) checkSources(path, roles, new Set(prompts.map(({ source }) => source)));

  const dropped: Dropped[] = [];
  const stricter: Prompt[] = [];
  const split = {} as Record<Role, Traffic>;
  for (const role of [...ROLES].reverse()) {
    const sources = new Set(roles[role]);
    const own = withUniqueIds(prompts.filter(({ source }) => sources.has(source)));
    const near = new Map(nearRepeats(stricter, own).map((repeat) => [repeat.repeat, repeat]));
    for (const { repeat, of, similarity } of near.values()) dropped.push({ role, prompt: repeat, of, similarity });
    const kept = own.filter((prompt) => !near.has(prompt));
    split[role] = sortTraffic(kept);
    stricter.push(...kept);
  }
  return { roles: split, dropped, missing };
}

function parse(path: string): z.infer<typeof schema> {
  const parsed = readJsonFile(path, schema, (why, cause) => unusable(path, why, cause));
  const all = Object.values(parsed.roles).flat();
  const twice = all.find((source, index) => all.indexOf(source) !== index);
  if (twice !== undefined) throw unusable(path, `the source ${twice} stands in it twice`);
  return parsed;
}

function checkSources(path: string, roles: Record<Role, string[]>, known: ReadonlySet<string>): void {
  const unknown = Object.values(roles)
    .flat()
    .find((source) => !known.has(source));
  if (unknown !== undefined) throw unusable(path, `no prompt is of the source ${unknown}`);
}

function unusable(path: string, why: string, cause?: unknown): ModxError {
  return new ModxError("MODX_USAGE_SPLITS", {
    what: `The splits file ${path} cannot be used: ${why}.`,
    remedy:
      'Give {"schema":1,"files":["prompts.jsonl"],"roles":{"probe":["source"],"calibration":["source"],"test":["source"]}}, each source once.',
    cause,
  });
}
