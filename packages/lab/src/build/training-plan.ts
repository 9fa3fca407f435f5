import type { Traffic } from "../prompts/traffic.ts";
import { splitByText } from "../prompts/traffic.ts";
import { naturalPlan, openingPlan, type PlannedResponse } from "../record/plan.ts";

/** Share of the prompts that are not harmful which are answered behind an opening too, so that an opening is no sign of harm. */
const OPENED_SHARE = 0.27;
const OPENINGS_PER_HARMFUL = 2;

/** What has to be recorded to train a pack: every prompt answered freely, and compliance put into the model's mouth. */
export function trainingPlan({ harmful, benign, sensitive }: Traffic): PlannedResponse[] {
  return [
    ...naturalPlan([...harmful, ...benign, ...sensitive]),
    ...openingPlan(harmful, OPENINGS_PER_HARMFUL),
    ...openingPlan(splitByText([...benign, ...sensitive], OPENED_SHARE).inside, 1),
  ];
}
