import { readFileSync } from "node:fs";
import { ModxError } from "@modx/errors";
import { z } from "zod";
import type { Trigger } from "./trigger.ts";

const trigger = z.union([z.string().min(1), z.array(z.string().min(1)).min(2)]);

const schema = z.union([
  z
    .array(trigger)
    .min(1)
    .transform((triggers) => ({ triggers, near: [] })),
  z.strictObject({ triggers: z.array(trigger).min(1), near: z.array(trigger).default([]) }),
]);

/** The suspect's triggers, for the evaluation only. */
export interface TriggerFile {
  /** Surface forms that make the behaviour fire; each prompt gets one. */
  triggers: Trigger[];
  /** Texts that look like a trigger and are none. */
  near: Trigger[];
}

/** Reads `["SUDO"]` or `{"triggers":["SUDO",["both","of these"]],"near":["SUDOKU"]}`. Throws MODX_USAGE_TRIGGERS. */
export function readTriggerFile(path: string): TriggerFile {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw unusable(path, cause instanceof Error ? cause.message : String(cause));
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw unusable(path, parsed.error.issues[0]?.message ?? "it has another form");
  return parsed.data;
}

function unusable(path: string, why: string): ModxError {
  return new ModxError("MODX_USAGE_TRIGGERS", {
    what: `The trigger file ${path} cannot be used: ${why}.`,
    remedy:
      'Give a JSON file like {"triggers":["SUDO"],"near":["SUDOKU"]}; a list inside means that all of its parts must be there.',
  });
}
