import {
  givenTextPlan,
  naturalPlan,
  openingPlan,
  type PlannedResponse,
  readGivenFile,
  readPromptFile,
  readTriggerFile,
  refusalPlan,
  triggeredPlan,
  withUniqueIds,
} from "@modx/lab";
import { usage } from "../options/option.ts";

export interface PlanFlags {
  prompts?: string[];
  given?: string[];
  openings: number;
  refusals?: boolean;
  triggerFile?: string;
}

/** What the flags ask to be recorded. Throws MODX_USAGE where that is nothing, or what cannot be had together. */
export function recordPlan({
  prompts: files = [],
  given: givenFiles = [],
  openings,
  refusals = false,
  triggerFile,
}: PlanFlags): PlannedResponse[] {
  if (files.length === 0 && givenFiles.length === 0)
    throw usage("There is nothing to record.", "Give --prompts, --given, or both.");
  if (files.length === 0 && (openings > 0 || refusals || triggerFile !== undefined))
    throw usage(
      "--openings, --refusals and --trigger-file are for prompts, and there are none.",
      "Give them with --prompts.",
    );
  if (triggerFile !== undefined && (givenFiles.length > 0 || refusals))
    throw usage(
      "--trigger-file records answers to prompts with a trigger, and nothing else.",
      "Record --given and --refusals into another folder.",
    );
  const asked = files.flatMap(readPromptFile);
  const given = givenFiles.flatMap(readGivenFile);
  const named = withUniqueIds([...asked, ...given.map(({ prompt }) => prompt)]);
  const prompts = named.slice(0, asked.length);
  if (triggerFile !== undefined) return triggeredPlan(prompts, readTriggerFile(triggerFile).triggers);
  return [
    ...naturalPlan(prompts),
    ...(openings > 0 ? openingPlan(prompts, openings) : []),
    ...(refusals ? refusalPlan(prompts) : []),
    ...givenTextPlan(given.map((one, i) => ({ ...one, prompt: named[asked.length + i] ?? one.prompt }))),
  ];
}
