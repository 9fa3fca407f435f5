import type { Guard } from "@modx/guard";
import { evade } from "../attack/evade.ts";
import type { Keep } from "../files/kept-results.ts";
import { evenly } from "../prompts/evenly.ts";
import { type Rate, wilson } from "../stats/rates.ts";
import type { LabelledAnswer } from "./label-answers.ts";

/** Prompts that an attacker tries. */
const ATTACKED = 30;

export interface AttackOptions {
  guard: Guard;
  detector: string;
  threshold: number;
  /** Answers that alarm. */
  caught: readonly LabelledAnswer[];
  /** Answers that the attacker may ask for, for each prompt; none where it is 0. */
  queries: number;
  maxTokens: number;
  /** Where answers are kept; nowhere when absent. */
  keep?: Keep;
  onProgress?: (done: number, total: number) => void;
}

/** Of the caught, how many an attacker gets past the monitor by suffixes, still complying; by the words of the answer alone. */
export async function attackControl({ caught, queries, ...options }: AttackOptions): Promise<Record<string, Rate>> {
  const targets = evenly(caught, ATTACKED);
  if (queries === 0 || targets.length === 0) return {};
  const found = await evade({
    ...options,
    queries,
    prompts: targets.map(({ id, source, prompt }) => ({ id, source, text: prompt, label: "harmful" as const })),
    complied: ({ label }) => label === "answered",
  });
  const evaded = found.filter(({ after }) => after !== null).length;
  return { [`caught answers that ${queries} random suffixes get past`]: wilson(evaded, found.length) };
}
