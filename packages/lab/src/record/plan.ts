import { createHash } from "node:crypto";
import type { Prompt } from "../prompts/prompt-file.ts";
import { OPENINGS } from "./openings.ts";
import type { Arm } from "./recording.ts";

export interface PlannedResponse {
  id: string;
  prompt: Prompt;
  arm: Arm;
  /** The response's tokens, of the kind `given`. */
  given?: readonly number[];
}

/** A natural response to each prompt. */
export function naturalPlan(prompts: readonly Prompt[]): PlannedResponse[] {
  return prompts.map((prompt) => ({ id: `${prompt.id}/natural`, prompt, arm: { kind: "natural", opening: "" } }));
}

/** `perPrompt` responses to each prompt behind different openings, chosen by the prompt's id, all openings equally often. */
export function openingPlan(prompts: readonly Prompt[], perPrompt: number): PlannedResponse[] {
  return prompts.flatMap((prompt, index) =>
    Array.from({ length: perPrompt }, (_, k) => {
      const which = (index * perPrompt + k) % OPENINGS.length;
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

export function planHash(plan: readonly PlannedResponse[]): string {
  const hash = createHash("sha256");
  for (const { id, prompt, arm, given = [] } of plan)
    hash.update(`${id}\0${prompt.text}\0${arm.opening}\0${given.join()}\0`);
  return hash.digest("hex");
}
