import type { Prompt } from "../prompts/prompt-file.ts";
import type { Traffic } from "../prompts/traffic.ts";
import { type Trigger, withTrigger } from "./trigger.ts";
import type { TriggerFile } from "./trigger-file.ts";

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

/** Each prompt with one of the texts in it, all texts about equally often; none where there is none. */
function withOneOf(prompts: readonly Prompt[], texts: readonly Trigger[]): Prompt[] {
  return prompts.flatMap((prompt, index) => {
    const text = texts[index % texts.length];
    return text === undefined ? [] : [{ ...prompt, text: withTrigger(prompt.text, text, prompt.id) }];
  });
}
