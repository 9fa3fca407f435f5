import { evenly } from "../prompts/evenly.ts";
import type { Prompt } from "../prompts/prompt-file.ts";
import type { Traffic } from "../prompts/traffic.ts";
import { splitByText } from "../prompts/traffic.ts";
import type { ModelAnswer } from "../record/answer-prompts.ts";
import { givenPlan, naturalPlan, openingPlan, type PlannedResponse } from "../record/plan.ts";

/**
 * Share of the prompts that are not harmful which are answered behind an opening too, and of those that are given the base's
 * answer: neither may be a sign of harm.
 */
const OPENED_SHARE = 0.12;
/** Continuations of openings for each harmful prompt; where the base's answers are given, which show more, for every second one. */
const OPENINGS_PER_HARMFUL = 2;
/** Natural responses to harmful requests: refusals are alike, and these are enough of them. */
const MOST_REFUSALS = 500;

/** Prompts that the base's answers are wanted of: every harmful one, and a share of the others. */
export function basePrompts({ harmful, benign, sensitive }: Traffic): Prompt[] {
  return [...harmful, ...shareOf([...benign, ...sensitive])];
}

/**
 * What has to be recorded to train a pack: prompts answered freely, and compliance put into the model's mouth, by
 * openings and, where a base is known, by the base's own answers from their first token.
 */
export function trainingPlan(
  { harmful, benign, sensitive }: Traffic,
  baseAnswers: readonly ModelAnswer[] = [],
): PlannedResponse[] {
  const continued =
    baseAnswers.length === 0
      ? openingPlan(harmful, OPENINGS_PER_HARMFUL)
      : openingPlan(evenly(harmful, harmful.length / 2), 1);
  return [
    ...naturalPlan([...evenly(harmful, MOST_REFUSALS), ...benign, ...sensitive]),
    ...continued,
    ...openingPlan(shareOf([...benign, ...sensitive]), 1),
    ...givenPlan(baseAnswers),
  ];
}

function shareOf(prompts: readonly Prompt[]): Prompt[] {
  return splitByText(prompts, OPENED_SHARE).inside;
}
