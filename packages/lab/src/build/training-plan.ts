import { evenly } from "../prompts/evenly.ts";
import type { Prompt } from "../prompts/prompt-file.ts";
import type { Traffic } from "../prompts/traffic.ts";
import { splitByText } from "../prompts/traffic.ts";
import type { ModelAnswer } from "../record/answer-prompts.ts";
import { givenPlan, naturalPlan, openingPlan, type PlannedResponse, promptPlan, refusalPlan } from "../record/plan.ts";
import { REFUSAL_WORDINGS } from "../record/refusal-wordings.ts";

/**
 * Share of the prompts that are not harmful which are answered behind an opening too, and of those that are given the base's
 * answer: neither may be a sign of harm.
 */
const OPENED_SHARE = 0.12;
/** Share of them that the base answers itself: what it says to others than harmful requests has to be known in its own residuals too. */
const BASE_SHARE = 0.35;
/** Continuations of openings for each harmful prompt; where the base's answers are given, which show more, for every second one. */
const OPENINGS_PER_HARMFUL = 2;
/** Refusals in set words, of harmful requests and of others: every wording three times and once. */
const SET_REFUSALS = { harmful: 3 * REFUSAL_WORDINGS.length, other: REFUSAL_WORDINGS.length };
/** Natural responses to harmful requests: refusals are alike, and these are enough of them. */
const MOST_REFUSALS = 500;

/** What has to be recorded of the base: its answers to every harmful prompt and to a share of the others, and how it reads the rest. */
export function basePlan({ harmful, benign, sensitive }: Traffic): PlannedResponse[] {
  const { inside, outside } = splitByText([...benign, ...sensitive], BASE_SHARE);
  return [...naturalPlan([...harmful, ...inside]), ...promptPlan(outside)];
}

/**
 * What has to be recorded to train a pack: prompts answered freely, and compliance put into the model's mouth, by
 * openings and, where a base is known, by the base's own answers from their first token. The base's answers to what is
 * not harmful are given in a share only.
 */
export function trainingPlan(
  { harmful, benign, sensitive }: Traffic,
  baseAnswers: readonly ModelAnswer[] = [],
): PlannedResponse[] {
  const opened = new Set(shareOf([...benign, ...sensitive]).map(({ text }) => text));
  const given = baseAnswers.filter(({ prompt }) => prompt.label === "harmful" || opened.has(prompt.text));
  const continued =
    baseAnswers.length === 0
      ? openingPlan(harmful, OPENINGS_PER_HARMFUL)
      : openingPlan(evenly(harmful, harmful.length / 2), 1);
  return [
    ...naturalPlan([...evenly(harmful, MOST_REFUSALS), ...benign, ...sensitive]),
    ...continued,
    ...openingPlan(shareOf([...benign, ...sensitive]), 1),
    ...givenPlan(given),
    ...refusalPlan([
      ...evenly(harmful, SET_REFUSALS.harmful),
      ...evenly([...benign, ...sensitive], SET_REFUSALS.other),
    ]),
  ];
}

function shareOf(prompts: readonly Prompt[]): Prompt[] {
  return splitByText(prompts, OPENED_SHARE).inside;
}
