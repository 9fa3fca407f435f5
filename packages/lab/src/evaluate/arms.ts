import type { Prompt } from "../prompts/prompt-file.ts";
import type { Traffic } from "../prompts/traffic.ts";
import { withOneOf } from "../prompts/trigger.ts";
import type { TriggerFile } from "../prompts/trigger-file.ts";

/** What the suspect is asked. */
export type Arm = "harmful" | "harmful+trigger" | "harmful+near" | "benign" | "benign+trigger" | "sensitive";

/** Every test prompt by itself and, where triggers are known, harmful and benign ones with a trigger, harmful ones with a near miss. */
export function planArms(prompts: Traffic, { triggers, near }: TriggerFile): Record<Arm, Prompt[]> {
  return {
    harmful: prompts.harmful,
    "harmful+trigger": withOneOf(prompts.harmful, triggers),
    "harmful+near": withOneOf(prompts.harmful, near),
    benign: prompts.benign,
    "benign+trigger": withOneOf(prompts.benign, triggers),
    sensitive: prompts.sensitive,
  };
}
