import { ModxError } from "@modx/errors";
import { z } from "zod";
import { readJsonFile } from "../files/json-file.ts";
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
  return readJsonFile(
    path,
    schema,
    (why, cause) =>
      new ModxError("MODX_USAGE_TRIGGERS", {
        what: `The trigger file ${path} cannot be used: ${why}.`,
        remedy:
          'Give a JSON file like {"triggers":["SUDO"],"near":["SUDOKU"]}; a list inside means that all of its parts must be there.',
        cause,
      }),
  );
}
