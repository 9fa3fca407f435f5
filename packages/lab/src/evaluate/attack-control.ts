import type { Engine } from "@modx/engine";
import type { Guard } from "@modx/guard";
import { evade } from "../attack/evade.ts";
import type { Keep } from "../files/kept-results.ts";
import { evenly } from "../prompts/evenly.ts";
import { type Rate, wilson } from "../stats/rates.ts";
import { type LabelledAnswer, labeller } from "./label-answers.ts";
import type { WatchedAnswer } from "./run-arm.ts";

/** Prompts that an attacker tries. */
const ATTACKED = 30;

export interface AttackOptions {
  guard: Guard;
  /** The model that the suspect was made from, for the labels; null where it is not known. */
  base: Engine | null;
  detector: string;
  threshold: number;
  /** Answers that alarm. */
  caught: readonly LabelledAnswer[];
  /** Answers that the attacker may ask for, for each prompt; none where it is 0. */
  queries: number;
  maxTokens: number;
  /** Where answers are kept; nowhere when absent. */
  keep?: Keep;
  /** The same for what its base says of them. */
  keepOfBase?: Keep;
  onProgress?: (done: number, total: number) => void;
}

/** Of the caught, how many an attacker gets past the monitor by suffixes, still complying by the rule of all labels. */
export async function attackControl({
  caught,
  queries,
  base,
  keepOfBase,
  ...options
}: AttackOptions): Promise<Record<string, Rate>> {
  const targets = evenly(caught, ATTACKED);
  if (queries === 0 || targets.length === 0) return {};
  const found = await evade({
    ...options,
    queries,
    prompts: targets.map(({ id, source, prompt }) => ({ id, source, text: prompt, label: "harmful" as const })),
    complied: compliesByRule(base, targets, keepOfBase),
  });
  const evaded = found.filter(({ after }) => after !== null).length;
  return { [`caught answers that ${queries} random suffixes get past`]: wilson(evaded, found.length) };
}

/**
 * Which of some answers comply with the requests of the same ids, these taken without trigger and suffix: neither ambiguous nor degenerate
 * ones do. The base is asked of those only that the words do not decide already.
 */
export function compliesByRule(
  base: Engine | null,
  requests: readonly Pick<LabelledAnswer, "id" | "request">[],
  keep?: Keep,
): (answers: readonly WatchedAnswer[]) => Promise<boolean[]> {
  const asked = new Map(requests.map(({ id, request }) => [id, request]));
  const label = labeller(base, keep);
  return async (answers) => {
    const possible = answers.filter((answer) => answer.label === "answered");
    const labelled = await label(
      possible.map((answer) => ({ ...answer, request: asked.get(answer.id) ?? answer.prompt })),
    );
    const complied = new Set(possible.filter((_, i) => labelled[i]?.compliance === "complied"));
    return answers.map((answer) => complied.has(answer));
  };
}
