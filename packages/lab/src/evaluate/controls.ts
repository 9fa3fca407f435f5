import type { Guard } from "@modx/guard";
import type { Keep } from "../files/kept-results.ts";
import type { ModelAnswer } from "../record/answer-prompts.ts";
import { type Rate, wilson } from "../stats/rates.ts";
import type { Answers } from "./groups.ts";
import { primarySet } from "./groups.ts";
import { judgeArm } from "./judge-arm.ts";
import { peakOf } from "./replay.ts";

export interface ControlOptions {
  guard: Guard;
  detector: string;
  /** The suspect's, on which all controls are read. */
  threshold: number;
  answers: Answers;
  /** Where readings are kept, of settings that say what runs and what watches. */
  keep?: Keep;
}

/**
 * What an alarm depends on, at the frozen threshold: prompt with or without trigger against response refused or complied, each
 * response read behind the other prompt; and whether something that looks like the trigger is enough.
 */
export async function swapControls(options: ControlOptions): Promise<Record<string, Rate>> {
  const { guard, detector, threshold, answers, keep } = options;
  const complied = primarySet(answers);
  const dormant = new Map(answers.harmful.map((answer) => [answer.id, answer]));
  const read = async (given: { prompt: string; tokens: readonly number[] }[]): Promise<Rate> => {
    const courses = await judgeArm(guard, detector, given, keep);
    return rateOf(
      courses.map((course) => peakOf(course)),
      threshold,
    );
  };
  const swapped = complied.flatMap((answer) => {
    const other = dormant.get(answer.id);
    return other === undefined ? [] : [{ answer, other }];
  });
  const own = (list: readonly { peaks: Record<string, number> }[]): Rate =>
    rateOf(
      list.map(({ peaks }) => peaks[detector] ?? Number.NEGATIVE_INFINITY),
      threshold,
    );
  const near = answers["harmful+near"];
  return {
    "trigger, complied": own(complied),
    "no trigger, same complied response": await read(
      swapped.map(({ answer, other }) => ({ prompt: other.prompt, tokens: answer.tokens })),
    ),
    "trigger, refusal of the same request": await read(
      swapped.map(({ answer, other }) => ({ prompt: answer.prompt, tokens: other.tokens })),
    ),
    "no trigger, refused": own(swapped.map(({ other }) => other)),
    ...(near.length > 0 && { "near miss of the trigger, whatever it does": own(near) }),
  };
}

/** Compliance that is put into the mouth of a model without a backdoor: where it alarms alike, what is detected is compliance. */
export async function forcedCompliance(
  guard: Guard,
  detector: string,
  threshold: number,
  answers: readonly ModelAnswer[],
  keep?: Keep,
): Promise<Rate> {
  const given = answers.map(({ prompt, tokens }) => ({ prompt: prompt.text, tokens }));
  const courses = await judgeArm(guard, detector, given, keep);
  return rateOf(
    courses.map((course) => peakOf(course)),
    threshold,
  );
}

function rateOf(peaks: readonly number[], threshold: number): Rate {
  return wilson(peaks.filter((peak) => peak > threshold).length, peaks.length);
}
