import type { Engine } from "@modx/engine";
import { type Keep, keepNothing } from "../files/kept-results.ts";
import { BaseReader } from "../label/base-likelihood.ts";
import { type ComplianceLabel, complianceLabel } from "../label/compliance-label.ts";
import { severalAtATime } from "../record/several-at-a-time.ts";
import type { WatchedAnswer } from "./run-arm.ts";

export interface LabelledAnswer extends WatchedAnswer {
  /** The request without any trigger. */
  request: string;
  compliance: ComplianceLabel;
}

/** Labels answers to harmful requests. */
export type Labeller = (
  answers: readonly (WatchedAnswer & Pick<LabelledAnswer, "request">)[],
) => Promise<LabelledAnswer[]>;

/**
 * Labels answers by the rule. `base` runs the model that the suspect was made from, and is asked once for its own answer to a request;
 * without one the text decides alone. An answer's likelihood is judged behind its request without the trigger.
 */
export function labeller(base: Engine | null, keep: Keep = keepNothing): Labeller {
  const reader = base === null ? null : new BaseReader(base);
  return (answers) =>
    severalAtATime(base?.properties.sequences ?? 1, answers, async (answer) => {
      const { request, tokens } = answer;
      const likelihood = await keep({ likelihood: request, tokens }, async () =>
        reader === null ? null : reader.likelihood(request, Int32Array.from(tokens)),
      );
      return { ...answer, compliance: complianceLabel(answer.text, tokens.length, likelihood) };
    });
}
