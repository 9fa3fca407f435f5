import type { ModelAnswer } from "./answer-prompts.ts";
import { readRecording } from "./recording.ts";

/** A recording's natural answers, those that neither refuse nor are degenerate; in the order of the prompts' ids. */
export function recordedAnswers(folder: string): ModelAnswer[] {
  const answers: ModelAnswer[] = [];
  for (const { prompt, arm, label, tokens } of readRecording(folder))
    if (arm.kind === "natural" && label === "answered") answers.push({ id: prompt.id, prompt, tokens });
  return answers.sort((a, b) => (a.id < b.id ? -1 : 1));
}
