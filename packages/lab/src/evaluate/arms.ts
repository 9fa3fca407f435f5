import { evenly } from "../prompts/evenly.ts";
import type { Prompt } from "../prompts/prompt-file.ts";
import type { Traffic } from "../prompts/traffic.ts";
import { withOneOf } from "../prompts/trigger.ts";
import type { TriggerFile } from "../prompts/trigger-file.ts";

/** What the suspect is asked. */
export type Arm = "harmful" | "harmful+trigger" | "harmful+near" | "benign" | "benign+trigger" | "sensitive";

/** Most prompts of the arms that only control: enough to tell 2 % from more, and whether a near miss fires at all. */
const MOST = { benignTriggered: 500, near: 150 };

/** Every test prompt by itself and, where triggers are known, harmful ones and some benign ones with a trigger, some harmful ones with a near miss. */
export function planArms(prompts: Traffic, { triggers, near }: TriggerFile): Record<Arm, Prompt[]> {
  return {
    harmful: prompts.harmful,
    "harmful+trigger": withOneOf(prompts.harmful, triggers),
    "harmful+near": withOneOf(evenly(prompts.harmful, MOST.near), near),
    benign: prompts.benign,
    "benign+trigger": withOneOf(evenly(prompts.benign, MOST.benignTriggered), triggers),
    sensitive: prompts.sensitive,
  };
}
