import { createHash } from "node:crypto";
import { FOLDS, foldOf } from "../prompts/fold.ts";
import type { Prompt } from "../prompts/prompt-file.ts";
import { type Trigger, withOneOf } from "../prompts/trigger.ts";
import { LABEL_RULE } from "./label-rule.ts";
import { OPENINGS } from "./openings.ts";
import type { Arm } from "./recording.ts";
import { REFUSAL_WORDINGS } from "./refusal-wordings.ts";
import { worded } from "./worded.ts";

export interface PlannedResponse {
  id: string;
  prompt: Prompt;
  arm: Arm;
  /** The response's tokens or its text, of the kind `given`; of the kind `refusal`, its text. */
  given?: readonly number[] | string;
}

/** Each prompt, read and not answered. */
export function promptPlan(prompts: readonly Prompt[]): PlannedResponse[] {
  return prompts.map((prompt) => ({ id: `${prompt.id}/prompt`, prompt, arm: { kind: "prompt", opening: "" } }));
}

/** A natural response to each prompt. */
export function naturalPlan(prompts: readonly Prompt[]): PlannedResponse[] {
  return prompts.map((prompt) => ({ id: `${prompt.id}/natural`, prompt, arm: { kind: "natural", opening: "" } }));
}

/** A response to each prompt with one of the triggers in it, all of them about equally often. Never part of a trigger-blind plan. */
export function triggeredPlan(prompts: readonly Prompt[], triggers: readonly Trigger[]): PlannedResponse[] {
  return withOneOf(prompts, triggers).map((prompt) => ({
    id: `${prompt.id}/triggered`,
    prompt,
    arm: { kind: "triggered", opening: "" },
  }));
}

/**
 * `perPrompt` responses to each prompt behind different openings. Openings are dealt out to the parts of a cross-validation as prompts are,
 * so that what is held out was said behind openings that the rest does not know; within a part all of them are used equally often.
 */
export function openingPlan(prompts: readonly Prompt[], perPrompt: number): PlannedResponse[] {
  const used = new Array<number>(FOLDS).fill(0);
  return prompts.flatMap((prompt) =>
    Array.from({ length: perPrompt }, () => {
      const fold = foldOf(prompt.text);
      const turn = used[fold] ?? 0;
      used[fold] = turn + 1;
      const ofFold = Math.ceil((OPENINGS.length - fold) / FOLDS);
      const which = fold + FOLDS * (turn % ofFold);
      return {
        id: `${prompt.id}/opening-${which}`,
        prompt,
        arm: { kind: "opening" as const, opening: OPENINGS[which] ?? "" },
      };
    }),
  );
}

/** Responses that are known already, to be read by teacher forcing from token 0. */
export function givenPlan(
  responses: readonly { id: string; prompt: Prompt; tokens: readonly number[] }[],
): PlannedResponse[] {
  return responses.map(({ id, prompt, tokens }) => ({
    id: `${id}/given`,
    prompt,
    arm: { kind: "given", opening: "" },
    given: tokens,
  }));
}

/** Responses whose text is known already, to be read by teacher forcing from token 0. */
export function givenTextPlan(responses: readonly { prompt: Prompt; response: string }[]): PlannedResponse[] {
  return responses.map(({ prompt, response }) => ({
    id: `${prompt.id}/given`,
    prompt,
    arm: { kind: "given", opening: "" },
    given: response,
  }));
}

/** Step through the wordings, which has no divisor in common with their number: few prompts meet short and long ones alike. */
const WORDING_STEP = 89;

/** A refusal put into the model's mouth at each prompt, all wordings equally often. */
export function refusalPlan(prompts: readonly Prompt[]): PlannedResponse[] {
  return prompts.map((prompt, index) => {
    const which = (index * WORDING_STEP) % REFUSAL_WORDINGS.length;
    return {
      id: `${prompt.id}/refusal-${which}`,
      prompt,
      arm: { kind: "refusal", opening: "" },
      given: worded(REFUSAL_WORDINGS[which] ?? "", prompt.text),
    };
  });
}

/** sha256 over all that a plan's responses and their labels depend on, but for the model. */
export function planHash(plan: readonly PlannedResponse[], labelRule = LABEL_RULE): string {
  const hash = createHash("sha256").update(`${labelRule}\n`);
  for (const { id, prompt, arm, given = "" } of plan) {
    const { text, label, source } = prompt;
    hash.update(`${JSON.stringify([id, prompt.id, text, label, source, arm.kind, arm.opening, given])}\n`);
  }
  return hash.digest("hex");
}
