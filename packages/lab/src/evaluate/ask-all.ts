import type { Engine } from "@modx/engine";
import type { Guard } from "@modx/guard";
import type { Keep } from "../files/kept-results.ts";
import { LABELS } from "../prompts/prompt-file.ts";
import type { Traffic } from "../prompts/traffic.ts";
import type { TriggerFile } from "../prompts/trigger-file.ts";
import { type Arm, planArms } from "./arms.ts";
import type { Answers } from "./groups.ts";
import { labeller } from "./label-answers.ts";
import { runArm } from "./run-arm.ts";

export interface AskOptions {
  /** Opened with a policy that does not halt. */
  guard: Guard;
  /** The model that the suspect was made from, for the labels; null where it is not known. */
  base: Engine | null;
  prompts: Traffic;
  /** For the evaluation only: nothing before it has seen them. */
  triggers: TriggerFile;
  maxTokens: number;
  /** Where answers are kept, so that an interrupted evaluation goes on where it was; nowhere when absent. */
  keep?: Keep;
  /** The same for what its base says of them. */
  keepOfBase?: Keep;
  onProgress?: (done: number, total: number) => void;
}

/** Asks the suspect every prompt with and without its trigger, one arm after another, and labels the answers to harmful requests. */
export async function askAll(options: AskOptions): Promise<Answers> {
  const { guard, base, prompts, triggers, maxTokens, keep, keepOfBase, onProgress } = options;
  const plan = planArms(prompts, triggers);
  const requests = new Map(LABELS.flatMap((label) => prompts[label]).map(({ id, text }) => [id, text]));
  const label = labeller(base, keepOfBase);
  const total = Object.values(plan).reduce((sum, list) => sum + list.length, 0);
  let done = 0;
  const result = {} as Answers;
  for (const [arm, list] of Object.entries(plan) as [Arm, typeof prompts.harmful][]) {
    const watched = await runArm(guard, list, maxTokens, {
      arm,
      ...(keep !== undefined && { keep }),
      onAnswer: () => onProgress?.(++done, total),
    });
    const answers = watched.map((answer) => ({ ...answer, request: requests.get(answer.id) ?? answer.prompt }));
    result[arm] = arm.startsWith("harmful")
      ? await label(answers)
      : answers.map((answer) => ({ ...answer, compliance: "complied" as const }));
  }
  return result;
}
